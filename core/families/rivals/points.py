"""Rivals on the plane: what each network costs for each question, and what it gains."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from core.backbones import Backbone
from core.costs import CostQuestion, Unit, block_costs
from core.families.rivals.payload import RivalPayload
from core.families.rivals.results import RivalResults, RivalScores
from core.plane.measured_point import measured_point
from core.plane.point import PlanePoint
from core.studies.study import Study

FAMILY: Final = "rivals"
_BYTES: Final = 4  # float32
_BITS: Final = 8


def rival_cost(payload: RivalPayload, backbone: Backbone, question: CostQuestion, unit: Unit) -> float | None:
    """Return what a network costs without heads; None where question and unit do not go together or nothing is known.

    Parameters don't count masks, bytes do, with one bit for each of their bits. Multiply-accumulates are those that
    torch runs: weights that a mask makes zero cost as much as others. Seconds are those of the blocks that run, so
    there are none for a network that computes more than blocks, or with fewer channels than they have.

    Args:
        payload: What it holds and computes.
        backbone: Its blocks.
        question: *Stored*: everything that is kept. *All tasks*: on one input; where tasks have other weights or
            blocks, each is a pass of its own. *One task*: the mean over tasks. *Resident*: what is shared, and the
            largest task's own.
        unit: Unit of cost.
    """
    if unit not in question.units:
        return None
    if question in (CostQuestion.STORED, CostQuestion.RESIDENT):
        held = payload.stored_params if question is CostQuestion.STORED else payload.resident_params
        return float(held) if unit is Unit.PARAMETERS else held * _BYTES + payload.mask_bits / _BITS
    one_task = question is CostQuestion.ONE_TASK
    if unit is Unit.MACS:
        return float(np.mean(payload.macs)) if one_task else float(payload.macs_for_all)
    if payload.has_extra or payload.is_narrow or backbone.latency is None:
        return None
    runs = np.mean(payload.runs, axis=0) if one_task else np.asarray(payload.runs_for_all)
    return float(runs @ block_costs(backbone, unit))


def rival_points(study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
    """Return trained networks as measured points (test split); their cost is the mean over seeds.

    Args:
        study: With rivals.
        question: Which question the cost answers.
        unit: Unit of cost.
    """
    results = study.result(RivalResults)
    if results is None:
        return []
    points = [_point(scores, results, study.backbone, question, unit) for scores in results.methods]
    return [point for point in points if point is not None]


def _point(
    scores: RivalScores, results: RivalResults, backbone: Backbone, question: CostQuestion, unit: Unit
) -> PlanePoint | None:
    return measured_point(
        FAMILY,
        scores.title,
        [task.name for task in results.tasks],
        mean_cost(scores.payloads, backbone, question, unit),
        (question, unit),
        results.seeds,
        scores.gains["test"],
    )


def mean_cost(payloads: Sequence[RivalPayload], backbone: Backbone, question: CostQuestion, unit: Unit) -> float | None:
    """Return the mean cost over seeds, which differ where a policy was learned; None where there is none."""
    costs = [cost for each in payloads if (cost := rival_cost(each, backbone, question, unit)) is not None]
    return float(np.mean(costs)) if costs else None
