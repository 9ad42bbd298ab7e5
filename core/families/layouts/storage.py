"""What layouts store for the first 1 … T tasks: the tree without the branches of later tasks."""

from typing import Final

from core.costs import CostQuestion, Unit, block_costs, layout_cost
from core.families.layouts.points import layout_points
from core.layouts import Layout
from core.plane.point import GainOrigin, PlanePoint
from core.plane.storage import ONE_TASK, FirstTasksGain, StorageCurve, best_measured, first_tasks_gain
from core.studies.study import Study

FAMILY: Final = "layouts"
FULLY_SHARED: Final = "fully shared"
BEST: Final = "best measured layout"
PREDICTED: Final = "best predicted layout"


def layout_storage(study: Study) -> list[StorageCurve]:
    """Return what the fully shared network stores, and the best layout: measured where any is, else predicted.

    Args:
        study: Whose tasks have the same inputs; others have no layouts.
    """
    if not study.shares_inputs:
        return []
    points = layout_points(study, CostQuestion.STORED, Unit.PARAMETERS)
    measured = [point for point in points if point.origin is GainOrigin.MEASURED]
    shared = Layout.all_shared(study.n_tasks, study.n_blocks)
    of_shared = next((point for point in measured if point.layout == shared), None)
    curves = [_curve(study, shared, FULLY_SHARED, of_shared)]
    best = best_measured(measured) or best_measured(points)
    if best is not None and best.layout is not None and best.layout != shared:
        is_measured = best.origin is GainOrigin.MEASURED
        words = f"{BEST if is_measured else PREDICTED}: {best.label}"
        curves.append(_curve(study, best.layout, words, best if is_measured else None))
    return curves


def _curve(study: Study, layout: Layout, label: str, measured: PlanePoint | None) -> StorageCurve:
    costs = block_costs(study.backbone, Unit.PARAMETERS)
    sizes = [layout_cost(layout.restricted(range(k)), costs) for k in range(1, study.n_tasks + 1)]
    return StorageCurve(FAMILY, label, tuple(sizes), measured, first_tasks(study, layout))


def first_tasks(study: Study, layout: Layout) -> dict[int, FirstTasksGain]:
    """Return number of tasks → what the tree of the first tasks gained where it was trained apart from all others.

    A layout is trained as the separate networks that it is made of, so a tree of the first tasks was trained wherever
    a trained layout has it beside networks of the other tasks.

    Args:
        study: With trained layouts.
        layout: Of all tasks; its later tasks are left out.
    """
    found = {1: ONE_TASK}
    if study.oracle is None:
        return found
    for k in range(2, study.n_tasks + 1):
        own = layout.restricted(range(k))
        place = next(
            (
                place
                for place, other in enumerate(study.oracle.layouts)
                if _is_apart(other, k) and other.restricted(range(k)) == own
            ),
            None,
        )
        gain = None if place is None else first_tasks_gain(study.oracle.test[:, place, :k])
        if gain is not None:
            found[k] = gain
    return found


def _is_apart(layout: Layout, k: int) -> bool:
    """Return whether no network has both one of the first k tasks and another one."""
    return all(len({task < k for task in group}) == 1 for group in layout.partitions[0])
