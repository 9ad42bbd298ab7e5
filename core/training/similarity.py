"""How alike the tasks of a study are: their single-task networks trained once more, and their features compared."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.affinity import Similarity, dissimilarities, similarities
from core.data.dataset import Dataset
from core.errors import AffinityError, StudyError
from core.networks.tree import TreeNetwork
from core.studies.similarity import source_runs
from core.studies.specification import RunSpecification, StudySpecification
from core.training.loop import End
from core.training.run import device_of, threads, train
from core.training.tensors import tensors_of

Array = NDArray[np.float64]
Progress = Callable[[str, float], None]

N_PICTURES = 200
# Early features of 200 large pictures fill gigabytes.
_BATCH = 50


def measure_similarity(
    specification: StudySpecification,
    data: Dataset,
    *,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    checkpoints: Path | None = None,
) -> Similarity | None:
    """Give how alike the tasks' features are after every block, or None where it was stopped.

    The single-task networks of one seed, that of ``source_runs``, are trained as their runs were
    and see the first 200 validation pictures. Networks of runs are not kept, hence once more.

    Args:
        specification: What the study asks for.
        data: The data set of ``specification.dataset``.
        progress: Called about every 50 steps with the task at hand and the share of the whole that is done.
        should_stop: Asked every few steps; true ends it.
        checkpoints: Folder of files to go on from after an interruption; removed at the end.

    Raises:
        StudyError: The study trains no single-task network.
        AffinityError: A training diverged, or there are fewer than 3 validation pictures.
        JobError: The device asked for is not there.
    """
    runs = source_runs(specification)
    if not runs:
        raise StudyError(f'Study "{specification.name}" asks for no run. Add a [table] to it.')
    files = [None if checkpoints is None else checkpoints / f"similarity.{run.key}.safetensors" for run in runs]
    tables = []
    with threads(specification.training.threads):
        for place, (asked, file) in enumerate(zip(runs, files, strict=True)):

            def show(step: int, steps: int, _: object, *, place: int = place, task: str = asked.tasks[0]) -> None:
                if progress is not None:
                    progress(task, (place + step / steps) / len(runs))

            table = _of_one_task(asked, data, progress=show, should_stop=should_stop, checkpoint=file)
            if table is None:
                return None
            tables.append(table)
    for file in files:
        if file is not None:
            file.unlink(missing_ok=True)
    return Similarity(similarities(np.stack(tables)), runs[0].seed, tables[0].shape[-1])


def _of_one_task(
    asked: RunSpecification,
    data: Dataset,
    *,
    progress: Callable[[int, int, object], None],
    should_stop: Callable[[], bool] | None,
    checkpoint: Path | None,
) -> Array | None:
    device = device_of(asked.training)
    _, outcome = train(asked, data, device, progress=progress, should_stop=should_stop, checkpoint=checkpoint)
    if outcome.end is End.STOPPED:
        return None
    if outcome.end is End.DIVERGED:
        raise AffinityError(
            f"The loss of {asked.title} became not-a-number at step {outcome.step}. Try a lower learning rate."
        )
    if checkpoint is not None and asked.training.patience is not None:
        # Gone on from there, a training that stopped early would wait for its patience once more.
        checkpoint.unlink(missing_ok=True)
    pictures = tensors_of(data, "validation", (data.task(asked.tasks[0]),), device).batch(slice(N_PICTURES))[0]
    return dissimilarities_of(outcome.network, pictures)


def dissimilarities_of(network: nn.Module, pictures: Tensor) -> Array:
    """Give the dissimilarity matrix of pictures after each block, ``[n_blocks, n_pictures, n_pictures]``.

    Args:
        network: A tree network of one task, in evaluation mode.
        pictures: ``[n_pictures, 3, height, width]``, as the network is trained on.
    """
    assert isinstance(network, TreeNetwork)
    tables, features = [], pictures
    for copies in network.blocks:
        assert isinstance(copies, nn.ModuleList)
        with torch.no_grad():
            features = torch.cat([copies[0](batch) for batch in torch.split(features, _BATCH)])
        tables.append(dissimilarities(features.flatten(1).cpu().numpy()))
    return np.stack(tables)
