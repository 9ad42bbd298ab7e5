"""Train a single-task network on one of several data sets, and measure it."""

from core.data.dataset import Dataset
from core.families.single.set_network import SetNetworkRun
from core.families.single.set_view import set_view
from core.families.single.train import train_network
from core.networks.export import to_bytes
from core.runs.result import RunResult
from core.training.workplace import Workplace


def train_set(run: SetNetworkRun, place: Workplace) -> tuple[RunResult, bytes | None]:
    """Return the result of a run and its trained weights as a safetensors file; None unless they are wanted.

    Args:
        run: What to train.
        place: Where data and checkpoints are, and who receives progress.

    Raises:
        BranchwiseError: The data set has no such task, or the backbone can't be built.
    """
    kept: list[bytes] = []
    result = train_network(
        run,
        data=set_data(run, place),
        progress=place.progress,
        should_stop=place.should_stop,
        checkpoint=place.checkpoint(run.key),
        keep=(lambda network: kept.append(to_bytes(network))) if place.keep_weights else None,
    )
    return result, kept[0] if kept else None


def set_data(run: SetNetworkRun, place: Workplace) -> Dataset:
    """Return the data set of a run as the run takes it.

    Raises:
        DataError: It can't be read, or has no such task.
    """
    return set_view(place.data(run.dataset), run.task, run.tasks[0], run.size)
