"""Train a network on a backbone of another width."""

from core.families.single.train import train_network
from core.families.widened.payload import WidenedPayload
from core.families.widened.runs import WidenedRun
from core.networks.export import to_bytes
from core.runs.result import RunResult
from core.training.prepare_study import profile
from core.training.workplace import Workplace


def train_widened(run: WidenedRun, place: Workplace) -> tuple[RunResult, bytes | None]:
    """Return the result of a run with what its blocks cost, and its weights where they are wanted.

    Args:
        run: What to train.
        place: Where data and checkpoints are, and who receives progress.

    Raises:
        JobError: The requested device does not exist.
        BranchwiseError: The data set has no such task, or the backbone can't be built.
    """
    network, data, kept = run.network, place.data(run.dataset), list[bytes]()
    result = train_network(
        network,
        data=data,
        progress=place.progress,
        should_stop=place.should_stop,
        checkpoint=place.checkpoint(run.key),
        keep=(lambda trained: kept.append(to_bytes(trained))) if place.keep_weights else None,
    )
    if not result.is_done:
        return result, None
    blocks = profile(network.backbone, data.size).blocks
    payload = WidenedPayload(params=tuple(block.params for block in blocks), macs=tuple(block.macs for block in blocks))
    return result.model_copy(update={"payload": payload.model_dump(mode="json")}), kept[0] if kept else None
