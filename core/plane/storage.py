"""What is stored for the first 1 … T tasks of a study, family by family."""

from dataclasses import dataclass

from core.backbones.backbone import BYTES_PER_PARAMETER
from core.costs import Unit
from core.errors import BudgetError
from core.plane.point import PlanePoint


@dataclass(frozen=True, slots=True)
class StorageCurve:
    """How what is stored grows with tasks, heads apart.

    Sizes follow from how a family's networks are built, so those for fewer than T tasks need no training.

    Args:
        family: Name of the family.
        label: What is stored, such as a layout.
        params: Parameters for the first k tasks, k = 1 … T, ``[n_tasks]``.
        measured: The network of all T tasks with its gain on the test split; None where it is not trained.
    """

    family: str
    label: str
    params: tuple[float, ...]
    measured: PlanePoint | None = None

    def __post_init__(self) -> None:
        assert self.params
        assert all(params >= 0 for params in self.params)

    def sizes(self, unit: Unit) -> tuple[float, ...]:
        """Return what is stored for the first k tasks in parameters, or in float32 bytes.

        Raises:
            BudgetError: The unit is another one.
        """
        if unit is Unit.PARAMETERS:
            return self.params
        if unit is Unit.BYTES:
            return tuple(params * BYTES_PER_PARAMETER for params in self.params)
        raise BudgetError(f"What is stored has no answer in {unit}. Choose from: parameters, bytes.")


def best_measured(points: list[PlanePoint]) -> PlanePoint | None:
    """Return the measured network with the largest mean gain, of equals the first; None where there is none."""
    return max(points, key=lambda point: point.gain, default=None)
