"""Networks of another width on the plane."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.costs import CostQuestion, Unit
from core.families.widened.payload import WidenedPayload
from core.families.widened.request import width_name
from core.families.widened.results import WidenedResults, WidthScores
from core.layouts import Layout
from core.plane.measured_point import measured_point
from core.plane.point import PlanePoint
from core.plane.storage import StorageCurve, whole_gain
from core.studies.latencies import Latencies
from core.studies.study import Study

FAMILY: Final = "widened"
_BYTES: Final = 4  # float32


def width_cost(
    blocks: WidenedPayload,
    layout: Layout,
    question: CostQuestion,
    unit: Unit,
    seconds: NDArray[np.float64] | None = None,
) -> float | None:
    """Return what a network costs without heads; None where question and unit don't go together, or it was not timed.

    Args:
        blocks: What a copy of each block costs.
        layout: Which tasks share which of them.
        question: *Stored* and *all tasks*: every copy. *One task* and *resident*: one path.
        unit: Unit of cost.
        seconds: Of a copy of each block, ``[n_blocks]``, where they were timed.
    """
    if unit not in question.units or (unit is Unit.LATENCY and seconds is None):
        return None
    known = {Unit.MACS: blocks.macs, Unit.LATENCY: seconds}
    each = np.array(known.get(unit, blocks.params), dtype=np.float64)
    if question in (CostQuestion.STORED, CostQuestion.ALL_TASKS):
        each = each * layout.group_counts
    return float(each.sum()) * (_BYTES if unit is Unit.BYTES else 1)


def width_points(study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
    """Return networks of another width as measured points (test split).

    Args:
        study: With such networks.
        question: Which question the cost answers.
        unit: Unit of cost.
    """
    results = study.result(WidenedResults)
    if results is None:
        return []
    points = [_point(scores, results, study, question, unit) for scores in results.widths]
    return [point for point in points if point is not None]


def width_seconds(study: Study, width: int) -> NDArray[np.float64] | None:
    """Return the seconds of each block of a width, ``[n_blocks]``; None where they were not timed."""
    found = study.result(Latencies)
    return None if found is None else found.seconds(FAMILY, width_name(width))


def _point(
    scores: WidthScores, results: WidenedResults, study: Study, question: CostQuestion, unit: Unit
) -> PlanePoint | None:
    label, cost = width_name(scores.width), None
    if scores.blocks is not None:
        cost = width_cost(scores.blocks, results.layout, question, unit, width_seconds(study, scores.width))
    return measured_point(FAMILY, label, study.task_names, cost, (question, unit), results.seeds, scores.gains["test"])


def width_storage(study: Study) -> list[StorageCurve]:
    """Return what the networks store without the branches of later tasks; none before any is trained."""
    results = study.result(WidenedResults)
    if results is None:
        return []
    pair = CostQuestion.STORED, Unit.PARAMETERS
    points = {point.label: point for point in width_points(study, *pair)}
    curves = []
    for scores in results.widths:
        if scores.blocks is None:
            continue
        counts = [results.layout.restricted(range(k)).group_counts for k in range(1, study.n_tasks + 1)]
        sizes = tuple(float(np.dot(each, scores.blocks.params)) for each in counts)
        label = width_name(scores.width)
        curves.append(StorageCurve(FAMILY, label, sizes, points.get(label), whole_gain(points.get(label))))
    return curves
