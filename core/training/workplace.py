"""What a run uses on a worker: folders, data, and callbacks for progress and stopping."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.data import store
from core.data.dataset import Dataset
from core.studies.home import CACHE, CHECKPOINTS, WEIGHTS
from core.studies.several_specification import DatasetSpecification

Progress = Callable[[int, int, Mapping[str, float]], None]


@dataclass(frozen=True, slots=True)
class Workplace:
    """What every kind of run gets besides its specification.

    Args:
        home: The folder of Branchwise on this machine.
        keep_weights: Whether to keep trained weights.
        progress: Called about every 50 steps with steps made, steps in all and mean losses.
        should_stop: Called every few steps; true stops the run as cancelled.
    """

    home: Path
    keep_weights: bool = False
    progress: Progress | None = None
    should_stop: Callable[[], bool] | None = None

    @property
    def drafts(self) -> Path:
        """Folder for what an interrupted run continues from; a run removes its own files at the end."""
        return self.home / CHECKPOINTS

    @property
    def cache(self) -> Path:
        """Folder for what can be recreated."""
        return self.home / CACHE

    def checkpoint(self, key: str) -> Path:
        """Return the file from which a run continues."""
        return self.drafts / f"{key}.safetensors"

    def weights(self, key: str) -> Path:
        """Return the file of a run's trained weights, which need not exist."""
        return self.home / WEIGHTS / f"{key}.safetensors"

    def data(self, specification: DatasetSpecification) -> Dataset:
        """Return a loaded data set; the last few are kept in memory.

        Raises:
            DataError: The data can't be read.
        """
        return _data(specification, self.home)


# A run may need several data sets, and many short runs follow each other on the same pictures.
@lru_cache(maxsize=8)
def _data(specification: DatasetSpecification, home: Path) -> Dataset:
    return store.load(specification, folder=home / CACHE)
