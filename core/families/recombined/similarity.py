"""How alike the tasks of a study are: the features of their single-task networks compared."""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.affinity import Similarity, dissimilarities, similarities
from core.data.dataset import Dataset
from core.families.recombined.runs import SimilaritySpecification
from core.families.single.train import device_of, environment_of, threads
from core.families.single.trained import Progress, Sources
from core.networks.tree import TreeNetwork
from core.runs.result import RunResult, RunState
from core.studies.documents import similarity_document
from core.training.tensors import tensors_of

Array = NDArray[np.float64]
N_PICTURES = 200
# Early features of 200 large pictures fill gigabytes.
_BATCH = 50


def run_similarity(
    asked: SimilaritySpecification,
    data: Dataset,
    weights: Callable[[str], Path],
    *,
    drafts: Path,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> RunResult:
    """Give how alike the tasks' features are after every block, as the result of a run.

    The single-task networks see the first 200 validation pictures. Where their trained weights
    were kept they are used, else the networks are trained once more, as their runs were.

    Args:
        asked: Which networks.
        data: Their data set.
        weights: Gives the file of a run's trained weights, which need not exist.
        drafts: Folder for networks trained here, so that an interrupted measurement goes on; emptied at the end.
        progress: Called about every 50 steps with steps made, steps in all and mean losses.
        should_stop: Asked every few steps; true ends it.

    Raises:
        AffinityError: A training diverged, or there are fewer than 3 validation pictures.
        JobError: The device asked for is not there.
    """
    begun, settings = time.perf_counter(), asked.sources[0].training
    device, tables = device_of(settings), []
    surroundings = environment_of(device, settings.threads)
    sources = Sources(
        data, device, weights, lambda key: drafts / f"similarity.{asked.key}.{key}.safetensors", should_stop
    )
    with threads(settings.threads):
        for place, source in enumerate(asked.sources):

            def show(step: int, steps: int, losses: Mapping[str, float], *, place: int = place) -> None:
                if progress is not None:
                    progress(place * steps + step, steps * len(asked.sources), losses)

            network = sources.network(source, show)
            if network is None:
                return RunResult(state=RunState.CANCELLED, sentence="Cancelled.", environment=surroundings)
            pictures = tensors_of(data, "validation", (data.task(source.tasks[0]),), device).batch(slice(N_PICTURES))[0]
            tables.append(dissimilarities_of(network, pictures))
            show(1, 1, {})
    sources.forget_drafts(*asked.sources)
    found = Similarity(similarities(np.stack(tables)), asked.sources[0].seed, tables[0].shape[-1])
    return RunResult(
        state=RunState.DONE,
        seconds=time.perf_counter() - begun,
        environment=surroundings,
        similarity=similarity_document(found),
    )


def dissimilarities_of(network: nn.Module, pictures: Tensor) -> Array:
    """Give the dissimilarity matrix of pictures after each block, ``[n_blocks, n_pictures, n_pictures]``.

    Args:
        network: A tree network of one task, in evaluation mode.
        pictures: ``[n_pictures, 3, height, width]``, as the network is trained on.
    """
    assert isinstance(network, TreeNetwork)
    blocks = []
    for copies in network.blocks:
        assert isinstance(copies, nn.ModuleList)
        blocks.append(copies[0])
    return dissimilarities_along(blocks, pictures)


def dissimilarities_along(blocks: Iterable[nn.Module], pictures: Tensor) -> Array:
    """Give the dissimilarity matrix of pictures after each of some blocks, ``[n_blocks, n_pictures, n_pictures]``.

    Args:
        blocks: In evaluation mode, each fed with what the one before gives.
        pictures: ``[n_pictures, 3, height, width]``, as the blocks are trained on.
    """
    tables, features = [], pictures
    for block in blocks:
        with torch.no_grad():
            features = torch.cat([block(batch) for batch in torch.split(features, _BATCH)])
        tables.append(dissimilarities(features.flatten(1).cpu().numpy()))
    return np.stack(tables)
