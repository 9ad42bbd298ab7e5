"""Train a hybrid from its run, and measure it; what must hold before."""

from collections.abc import Mapping

from core.data.dataset import Dataset
from core.families.hybrid.network import build_hybrid
from core.families.hybrid.request import HybridRequest
from core.families.hybrid.runs import HybridRun
from core.families.single.train import train_tree
from core.runs.result import RunResult
from core.studies.specification import StudySpecification
from core.training.workplace import Workplace


def train_hybrid(run: HybridRun, place: Workplace) -> tuple[RunResult, None]:
    """Return the result of a run, trained as every network of a layout is; weights are not kept.

    Args:
        run: What to train.
        place: Where data and checkpoints are, and who receives progress.
    """
    data = place.data(run.dataset)
    tasks = tuple(data.task(name) for name in run.tasks)
    network = build_hybrid(run.backbone, run.hybrid, tasks, data.size, run.seed)
    result = train_tree(
        network,
        run,
        data,
        progress=place.progress,
        should_stop=place.should_stop,
        checkpoint=place.checkpoint(run.key),
    )
    return result, None


def check_hybrids(study: StudySpecification, loaded: Mapping[str, Dataset]) -> None:
    """Raise what would otherwise only be found in training.

    Args:
        study: With hybrids.
        loaded: Holds its data set.

    Raises:
        BackboneError: A head doesn't fit where its task leaves.
    """
    request = study.requested(HybridRequest)
    assert request is not None
    (data,) = loaded.values()
    tasks = tuple(data.task(name) for name in study.tasks)
    for hybrid in request.hybrids(study.tasks):
        build_hybrid(study.backbone.without_weights, hybrid, tasks, data.size, 0)
