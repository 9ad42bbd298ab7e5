"""What a measurement of latency says of a study's networks."""

from collections.abc import Mapping

import numpy as np

from core.families.latency.runs import LatencyPayload, LatencyRun, expand
from core.runs.result import RunResult
from core.studies.latencies import Latencies
from core.studies.specification import StudySpecification


def latency_results(study: StudySpecification, finished: Mapping[str, RunResult]) -> Latencies | None:
    """Return what was measured of the blocks of a study's networks; None where nothing was.

    Args:
        study: What is requested.
        finished: Run key → result; runs that are not done count as missing.
    """
    for run in expand(study):
        result = finished.get(run.key)
        if isinstance(run, LatencyRun) and result is not None and result.is_done:
            payload = run.payload_of(result, LatencyPayload)
            names = [(network.family, network.name) for network in run.networks]
            return Latencies(
                dict(zip(names, map(np.array, payload.seconds), strict=True)),
                run.repeats,
                result.environment.machine,
                result.environment.instructions,
                result.environment.threads,
                payload.measured,
            )
    return None
