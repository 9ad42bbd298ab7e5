"""Losses of a study's recombined networks: from the results of its runs to one value, and back."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.affinity.recombined import RecombinedLosses
from core.errors import AffinityError, StudyError
from core.families.recombined.payloads import LossesPayload, SampleLosses
from core.families.recombined.request import AffinityRequest
from core.families.recombined.runs import RecombinedRun, recombined_runs
from core.runs.result import RunResult
from core.studies.archive import read_results
from core.studies.bundled import bundled_archive
from core.studies.database import Database
from core.studies.documents import read_npz, write_npz
from core.studies.specification import StudySpecification
from core.studies.split_size import split_size

# Where archives keep the losses of samples.
LOSSES: Final = "losses.npz"


def losses_of(specification: StudySpecification, results: Mapping[str, RunResult]) -> RecombinedLosses | None:
    """Return the losses of finished runs as one value, or None where none is finished.

    Args:
        specification: What the study requests.
        results: Run key → result; those of other kinds are ignored.

    Raises:
        StudyError: A run saw other samples than the rest.
    """
    found = [
        (run, arrays)
        for run in recombined_runs(specification)
        if (result := results.get(run.key)) is not None and (arrays := _losses(run, result)) is not None
    ]
    if not found:
        return None
    request = specification.requested(AffinityRequest)
    assert request is not None
    n_samples = {len(losses) for _, targets in found for losses in targets.values()}
    if len(n_samples) > 1:
        raise StudyError(
            f'The recombined networks of "{specification.name}" saw {min(n_samples)} to {max(n_samples)} samples. '
            "Train them again on the same data."
        )
    tasks, seeds = specification.tasks, request.seeds
    shape = (len(seeds), specification.backbone.blocks, len(tasks), len(tasks), n_samples.pop())
    values = np.full(shape, np.nan, dtype=np.float32)
    for run, targets in found:
        for target, losses in targets.items():
            place = seeds.index(run.source.seed), run.depth, tasks.index(target), tasks.index(run.source.tasks[0])
            values[place] = losses
    return RecombinedLosses(tasks, seeds, values)


def _losses(run: RecombinedRun, result: RunResult) -> dict[str, NDArray[np.float32]] | None:
    """Return target → losses; None where there are none, or they are damaged: one row costs no study."""
    if not result.is_done or result.payload is None:
        return None
    try:
        return run.payload_of(result, LossesPayload).losses.arrays()
    except StudyError:
        return None


def losses_npz(losses: RecombinedLosses) -> bytes:
    """Return losses as NPZ: ``losses``, as in ``RecombinedLosses.values``."""
    return write_npz({"losses": losses.values})


def read_losses_npz(data: bytes, specification: StudySpecification) -> RecombinedLosses:
    """Return the losses written by ``losses_npz``.

    Raises:
        StudyError: The file is no NPZ of these, or they are of other tasks, seeds or depths than the study requests.
    """
    values = read_npz(data, "The losses").get("losses")
    request = specification.requested(AffinityRequest)
    seeds = () if request is None else request.seeds
    if (
        values is None
        or values.dtype != np.float32
        or values.ndim != 5
        or values.shape[1] != specification.backbone.blocks
    ):
        raise StudyError("The losses of recombined networks are not those the study requests. Export it again.")
    if values.shape[-1] not in (size := split_size(specification.dataset, "validation")):
        raise StudyError(
            f"losses.npz has losses on {values.shape[-1]:,} samples; the validation split has {size}. Export it again."
        )
    if np.isinf(values).any():
        raise StudyError("losses.npz holds an infinite loss. Export it again.")
    try:
        return RecombinedLosses(specification.tasks, seeds, values)
    except AffinityError as fault:
        raise StudyError(f"losses.npz: {fault}") from None


def with_losses(
    specification: StudySpecification, results: Mapping[str, RunResult], losses: RecombinedLosses
) -> dict[str, RunResult]:
    """Return the results of recombined networks with their losses, as ``losses_of`` takes them.

    Args:
        specification: What the study requests.
        results: Run key → result without losses.
        losses: Of all these runs.
    """
    return {
        run.key: results[run.key].model_copy(
            update={"payload": LossesPayload(losses=_part(run, losses)).model_dump(mode="json")}
        )
        for run in recombined_runs(specification)
        if run.key in results and results[run.key].is_done
    }


def _part(run: RecombinedRun, losses: RecombinedLosses) -> SampleLosses:
    source = losses.tasks.index(run.source.tasks[0])
    values = losses.values[losses.seeds.index(run.source.seed), run.depth, :, source]
    return SampleLosses.of({target: values[losses.tasks.index(target)] for target in run.targets})


def stored_losses(database: Database, name: str) -> RecombinedLosses | None:
    """Return the losses of a stored study's recombined networks, as far as they are trained; None where none is.

    Raises:
        StudyError: There is no such study, or what is stored is damaged.
    """
    study = database.record(name).specification
    return None if study is None else losses_of(study, database.results(name, RecombinedRun.kind, whole=False))


def bundled_losses(name: str) -> RecombinedLosses | None:
    """Return the losses of a bundled study's recombined networks, or None where it has none.

    Raises:
        StudyError: There is none of that name.
    """
    study, results = read_results(bundled_archive(name), LOSSES)
    return losses_of(study, results)
