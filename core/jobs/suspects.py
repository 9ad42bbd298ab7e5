"""Which run is to blame where a worker process died again and again."""

from dataclasses import dataclass, field

from core.jobs.engine import ALLOWED_DEATHS

# A run that kills its worker before it can say that it started would otherwise be tried for ever.
_BENEFITS_OF_DOUBT = 3


@dataclass(slots=True)
class Suspects:
    """What is known of the runs at work when their workers died.

    Dask blames every run that a dead worker had, those that only waited there for another one, too.
    """

    _starts: dict[str, int] = field(default_factory=dict)
    _steps: dict[str, int] = field(default_factory=dict)
    _steps_at_death: dict[str, int] = field(default_factory=dict)
    _acquitted: dict[str, int] = field(default_factory=dict)

    def dispatched(self, key: str) -> None:
        """Note that a run was given to the workers."""
        self._starts[key] = 0

    def started(self, key: str) -> None:
        """Note that a worker began a run."""
        self._starts[key] = self._starts.get(key, 0) + 1

    def progressed(self, key: str, step: int) -> None:
        """Note how far a run is."""
        self._steps[key] = step

    def is_to_blame(self, key: str) -> bool:
        """Return whether a run killed its workers, after so many of them died that Dask gives it up.

        It did not if it got further than at the deaths before, or if it was not at work at each of them.

        Args:
            key: Of the run.
        """
        before, self._steps_at_death[key] = self._steps_at_death.get(key, 0), self._steps.get(key, 0)
        if self._steps_at_death[key] > before:
            return False
        self._acquitted[key] = self._acquitted.get(key, 0) + 1
        return self._starts.get(key, 0) > ALLOWED_DEATHS or self._acquitted[key] > _BENEFITS_OF_DOUBT
