"""Single-task networks on the plane: what gains are measured against."""

from typing import Final

from core.costs import CostQuestion, Unit, independent_cost
from core.plane.point import GainOrigin, PlanePoint
from core.plane.storage import ONE_TASK, StorageCurve
from core.studies.study import Study

FAMILY: Final = "single"
LABEL: Final = "single-task networks"


def single_points(study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
    """Return one network per task as a point whose gain is 0 by definition; none before every task has one.

    Args:
        study: With single-task networks.
        question: Which question the cost answers.
        unit: Unit of cost.
    """
    cost = independent_cost(study.backbone, study.n_tasks, question, unit)
    qualities = study.quality.get("test", ())
    if cost is None or not qualities:
        return []
    seeds = set.intersection(*({*quality.seeds} for quality in qualities))
    if not seeds:
        return []
    gains = (0.0,) * study.n_tasks
    return [
        PlanePoint(
            family=FAMILY,
            label=LABEL,
            tasks=study.task_names,
            costs={(question, unit): cost},
            gains=gains,
            gain=0.0,
            interval=(0.0, 0.0),
            n_seeds=len(seeds),
            origin=GainOrigin.MEASURED,
            seed_gains=dict.fromkeys(sorted(seeds), gains),
        )
    ]


def single_storage(study: Study) -> list[StorageCurve]:
    """Return what one network for each of the first tasks stores."""
    point = next(iter(single_points(study, CostQuestion.STORED, Unit.PARAMETERS)), None)
    sizes = [float(study.backbone.params * k) for k in range(1, study.n_tasks + 1)]
    return [StorageCurve(FAMILY, LABEL, tuple(sizes), point, dict.fromkeys(range(1, len(sizes) + 1), ONE_TASK))]
