"""Train the network of one task's level alone, and measure it."""

from core.data.dataset import Dataset
from core.families.single.set_view import set_view
from core.families.single.train import train_tree
from core.families.virtual.measure import macs_of
from core.families.virtual.narrow_run import NarrowRun
from core.families.virtual.network import build_narrow
from core.families.virtual.payload import LevelRecord, NarrowPayload
from core.networks.export import to_bytes
from core.networks.study_blocks import blocks_of
from core.networks.tree import TreeNetwork, count_parameters
from core.runs.result import RunResult
from core.training.build import seeded
from core.training.workplace import Workplace


def train_narrow(run: NarrowRun, place: Workplace) -> tuple[RunResult, bytes | None]:
    """Return the result of a level that is trained alone, and its weights as a safetensors file where they are wanted.

    It begins with the weights of the first units of every network of the seed, and with the head that the level has
    in a deep virtual network.

    Args:
        run: What to train.
        place: Where data and checkpoints are, and who receives progress.

    Raises:
        BranchwiseError: The data set has no such task, or the network can't be built or cut into units.
    """
    kept: list[bytes] = []
    data = narrow_data(run, place)
    network = untrained_narrow(run, data)
    result = train_tree(
        network,
        run,
        data,
        progress=place.progress,
        should_stop=place.should_stop,
        checkpoint=place.checkpoint(run.key),
        keep=(lambda trained: kept.append(to_bytes(trained))) if place.keep_weights else None,
    )
    if result.is_done:
        payload = NarrowPayload(record=_record(network, data.size))
        result = result.model_copy(update={"payload": payload.model_dump(mode="json")})
    return result, kept[0] if kept else None


def narrow_data(run: NarrowRun, place: Workplace) -> Dataset:
    """Return the data set of a run as the run takes it.

    Raises:
        DataError: It can't be read, or has no such task.
    """
    data = place.data(run.dataset)
    return set_view(data, run.task, run.tasks[0], run.size) if run.task else data


def untrained_narrow(run: NarrowRun, data: Dataset) -> TreeNetwork:
    """Return the network of a run with the initial weights of its seed.

    Args:
        run: Which level of which task.
        data: As ``narrow_data`` returns it.

    Raises:
        BranchwiseError: It can't be built or cut into units.
    """
    with seeded(run.seed, "blocks"):
        blocks = blocks_of(run.backbone, data.size)
    return build_narrow(
        blocks, data.task(run.tasks[0]), run.division, run.level, data.size, run.seed, run.backbone.heads
    )


def _record(network: TreeNetwork, size: tuple[int, int]) -> LevelRecord:
    body = network.path(0)[:-1]
    # Weights of convolutions and linear layers have two dimensions at least; norms and biases have one.
    shared = sum(parameter.numel() for parameter in body.parameters() if parameter.ndim > 1)
    return LevelRecord(
        shared_params=shared,
        own_params=count_parameters(body) - shared,
        head_params=count_parameters(network.heads),
        macs=macs_of(body, size),
    )
