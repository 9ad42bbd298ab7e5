"""What a worker does with a run of any kind: specification in, result and weights out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from core.data import store
from core.data.dataset import Dataset
from core.errors import BranchwiseError
from core.families.recombined.runs import RecombinedSpecification, SimilaritySpecification, read_run
from core.families.recombined.similarity import run_similarity
from core.families.recombined.train import run_recombined
from core.families.single.train import device_of, environment_of, run
from core.families.switching.measure import run_switching
from core.families.switching.runs import SwitchingSpecification
from core.families.treednn.runs import TreeRun
from core.families.treednn.train import Grower
from core.networks.export import to_bytes
from core.networks.tree import TreeNetwork
from core.runs.result import RunResult, RunState
from core.studies.home import CACHE, CHECKPOINTS, WEIGHTS, write_whole
from core.studies.specification import DatasetSpecification, RunSpecification, TrainingSettings

Progress = Callable[[int, int, Mapping[str, float]], None]


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a worker finds data and leaves what it makes.

    Args:
        home: The folder of Branchwise on the worker's machine.
    """

    home: Path

    def checkpoint(self, key: str) -> Path:
        """Give the file from which a run goes on."""
        return self.home / CHECKPOINTS / f"{key}.safetensors"

    def weights(self, key: str) -> Path:
        """Give the file of a run's trained weights."""
        return self.home / WEIGHTS / f"{key}.safetensors"


def execute(
    kind: str,
    specification: str,
    *,
    home: Path,
    keep_weights: bool = False,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> tuple[RunResult, str | None]:
    """Give the result of a run and the name of the file with its trained weights.

    Args:
        kind: Of the run.
        specification: As JSON text.
        home: The folder of Branchwise on this machine.
        keep_weights: Whether to write the trained weights there.
        progress: Called with steps made, steps in all and mean losses.
        should_stop: Asked every few steps; true ends the run as cancelled.

    Raises:
        StudyError: The specification is none, or the folder can't be written to.
    """
    asked = read_run(kind, specification)
    folders = Folders(home)
    settings = asked.sources[0].training if isinstance(asked, SimilaritySpecification) else asked.training
    try:
        if isinstance(asked, RecombinedSpecification):
            data, drafts = _data(asked.source.dataset, home), home / CHECKPOINTS
            return run_recombined(
                asked, data, folders.weights, drafts=drafts, progress=progress, should_stop=should_stop
            ), None
        if isinstance(asked, SimilaritySpecification):
            data, drafts = _data(asked.sources[0].dataset, home), home / CHECKPOINTS
            return run_similarity(
                asked, data, folders.weights, drafts=drafts, progress=progress, should_stop=should_stop
            ), None
        if isinstance(asked, SwitchingSpecification):
            return run_switching(asked, folder=home / CACHE, progress=progress, should_stop=should_stop), None
        if isinstance(asked, RunSpecification):
            return _trained(asked, folders, keep_weights, progress, should_stop)
        return _grown(asked, folders, keep_weights, progress, should_stop)
    except (BranchwiseError, RuntimeError, MemoryError) as fault:
        # Out of memory, an unsupported operator, no such device: told as a sentence beside the run.
        return _failed(fault, settings), None


def _trained(
    asked: RunSpecification,
    folders: Folders,
    keep_weights: bool,
    progress: Progress | None,
    should_stop: Callable[[], bool] | None,
) -> tuple[RunResult, str | None]:
    kept: list[bytes] = []

    def keep(network: TreeNetwork) -> None:
        kept.append(to_bytes(network))

    result = run(
        asked,
        data=_data(asked.dataset, folders.home),
        progress=progress,
        should_stop=should_stop,
        checkpoint=folders.checkpoint(asked.key),
        keep=keep if keep_weights else None,
    )
    if not kept or result.state is not RunState.DONE:
        return result, None
    path = folders.weights(asked.key)
    write_whole(path, kept[0])
    return result, path.name


def _grown(
    asked: TreeRun,
    folders: Folders,
    keep_weights: bool,
    progress: Progress | None,
    should_stop: Callable[[], bool] | None,
) -> tuple[RunResult, str | None]:
    grower = Grower(
        partial(_data, home=folders.home), folders.weights, folders.home / CHECKPOINTS, progress, should_stop
    )
    result, weights = grower.run(asked)
    if weights is None or not keep_weights:
        return result, None
    path = folders.weights(asked.key)
    write_whole(path, weights)
    return result, path.name


def _failed(fault: Exception, settings: TrainingSettings) -> RunResult:
    text = str(fault).strip()
    return RunResult(
        state=RunState.FAILED,
        sentence=text.splitlines()[0][:500] if text else f"It ended with {type(fault).__name__}.",
        environment=environment_of(device_of(settings.model_copy(update={"device": "cpu"})), settings.threads),
    )


# A tree grows on several sets, run after run.
@lru_cache(maxsize=8)
def _data(specification: DatasetSpecification, home: Path) -> Dataset:
    # A worker makes many short runs on the same pictures.
    return store.load(specification, folder=home / CACHE)
