"""When a training stops early: after some epochs in which validation was not better than ever before."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Patience:
    """How long validation has been no better. It is part of a checkpoint, so a training that is resumed ends the same.

    Args:
        epochs: After how many such epochs training stops; None for never.
        best: Lowest validation loss so far.
        waited: Epochs since then.
    """

    epochs: int | None
    best: float = float("inf")
    waited: int = 0

    @property
    def is_over(self) -> bool:
        """Whether training stops."""
        return self.epochs is not None and self.waited >= self.epochs

    def look(self, loss: Callable[[], float]) -> None:
        """Count an epoch.

        Args:
            loss: Returns the validation loss; called only where it matters.
        """
        if self.epochs is None:
            return
        value = loss()
        self.waited = 0 if value < self.best else self.waited + 1
        self.best = min(value, self.best)
