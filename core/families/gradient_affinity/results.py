"""From finished runs to the effects of a study's tasks on each other."""

from collections.abc import Mapping

import numpy as np

from core.affinity.gradient import GradientEffects
from core.errors import StudyError
from core.families.gradient_affinity.payload import GradientPayload
from core.families.gradient_affinity.runs import gradient_runs
from core.runs.result import RunResult
from core.studies.specification import StudySpecification


def gradient_effects(study: StudySpecification, finished: Mapping[str, RunResult]) -> GradientEffects | None:
    """Return the effects of the seeds that are done; None where none is.

    Args:
        study: What is requested.
        finished: Run key → result.
    """
    seeds, values = [], []
    for run in gradient_runs(study):
        result = finished.get(run.key)
        if result is None or not result.is_done:
            continue
        try:
            run.check(result)
        except StudyError:
            continue  # one damaged result costs no study
        seeds.append(run.seed)
        values.append(run.payload_of(result, GradientPayload).values())
    return GradientEffects(study.tasks, tuple(seeds), np.stack(values)) if seeds else None
