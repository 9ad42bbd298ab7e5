"""Losses of a study's recombined networks: from the results of its runs to one value, and back."""

from collections.abc import Mapping

import numpy as np

from core.affinity.recombined import RecombinedLosses
from core.errors import AffinityError, StudyError
from core.families.recombined.runs import RecombinedSpecification, recombined_of
from core.runs.result import RunResult, RunState, SampleLosses
from core.studies.documents import read_npz, write_npz
from core.studies.specification import StudySpecification


def losses_of(specification: StudySpecification, results: Mapping[str, RunResult]) -> RecombinedLosses | None:
    """Give the losses that finished runs add up to, or None where none is finished.

    Args:
        specification: What the study asks for.
        results: Run key → result; others than of recombined networks are passed over.

    Raises:
        StudyError: What a run gave is damaged, or it saw other samples than the rest.
    """
    found = [
        (run, result.losses.arrays())
        for run in recombined_of(specification)
        if (result := results.get(run.key)) is not None and result.state is RunState.DONE and result.losses is not None
    ]
    if not found:
        return None
    assert specification.affinity is not None
    n_samples = {len(losses) for _, targets in found for losses in targets.values()}
    if len(n_samples) > 1:
        raise StudyError(
            f'The recombined networks of "{specification.name}" saw {min(n_samples)} to {max(n_samples)} samples. '
            "Train them again on the same data."
        )
    tasks, seeds = specification.tasks, specification.affinity.seeds
    shape = (len(seeds), specification.backbone.blocks, len(tasks), len(tasks), n_samples.pop())
    values = np.full(shape, np.nan, dtype=np.float32)
    for run, targets in found:
        for target, losses in targets.items():
            place = seeds.index(run.source.seed), run.depth, tasks.index(target), tasks.index(run.source.tasks[0])
            values[place] = losses
    return RecombinedLosses(tasks, seeds, values)


def losses_npz(losses: RecombinedLosses) -> bytes:
    """Give losses as NPZ: ``losses``, as in ``RecombinedLosses.values``."""
    return write_npz({"losses": losses.values})


def read_losses_npz(data: bytes, specification: StudySpecification) -> RecombinedLosses:
    """Give the losses written by ``losses_npz``.

    Raises:
        StudyError: The file is no NPZ of these, or they are of other tasks, seeds or depths than the study asks for.
    """
    values = read_npz(data, "The losses").get("losses")
    seeds = () if specification.affinity is None else specification.affinity.seeds
    if (
        values is None
        or values.dtype != np.float32
        or values.ndim != 5
        or values.shape[1] != specification.backbone.blocks
    ):
        raise StudyError("The losses of recombined networks are not those the study asks for. Export it again.")
    try:
        return RecombinedLosses(specification.tasks, seeds, values)
    except AffinityError as fault:
        raise StudyError(f"losses.npz: {fault}") from None


def with_losses(
    specification: StudySpecification, results: Mapping[str, RunResult], losses: RecombinedLosses
) -> dict[str, RunResult]:
    """Give the results of recombined networks with what they gave, as ``losses_of`` takes them.

    Args:
        specification: What the study asks for.
        results: Run key → result without losses.
        losses: Of all these runs.
    """
    return {
        run.key: results[run.key].model_copy(update={"losses": _part(run, losses)})
        for run in recombined_of(specification)
        if run.key in results and results[run.key].state is RunState.DONE
    }


def _part(run: RecombinedSpecification, losses: RecombinedLosses) -> SampleLosses:
    source = losses.tasks.index(run.source.tasks[0])
    values = losses.values[losses.seeds.index(run.source.seed), run.depth, :, source]
    return SampleLosses.of({target: values[losses.tasks.index(target)] for target in run.targets})
