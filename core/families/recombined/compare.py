"""Similarity of the tasks of a study: compares the features of their single-task networks."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from core.affinity import Similarity, similarities
from core.data.dataset import Dataset
from core.families.recombined.payloads import SimilarityPayload
from core.families.recombined.runs import SimilarityRun
from core.families.single.trained import Progress, Sources
from core.networks.tree import TreeNetwork
from core.runs.result import RunResult, RunState
from core.studies.documents import similarity_document
from core.training.environment import device_of, environment_of, threads
from core.training.features import N_PICTURES, dissimilarities_along
from core.training.tensors import tensors_of
from core.training.workplace import Workplace

Array = NDArray[np.float64]


def compare_run(run: SimilarityRun, place: Workplace) -> tuple[RunResult, None]:
    """Return the result of a comparison of features.

    Args:
        run: Which networks.
        place: Where data and weights are, and who receives progress.
    """
    return run_similarity(
        run,
        place.data(run.sources[0].dataset),
        place.weights,
        drafts=place.drafts,
        progress=place.progress,
        should_stop=place.should_stop,
    ), None


def run_similarity(
    run: SimilarityRun,
    data: Dataset,
    weights: Callable[[str], Path],
    *,
    drafts: Path,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> RunResult:
    """Return the similarity of the tasks' features after every block, as the result of a run.

    The single-task networks see the first 200 validation pictures. Where their trained weights
    were kept they are used, else the networks are trained once more, as their runs were.

    Args:
        run: Which networks.
        data: Their data set.
        weights: Returns the file of a run's trained weights, which need not exist.
        drafts: Folder for networks trained here, so that an interrupted measurement continues; emptied at the end.
        progress: Called about every 50 steps with steps made, steps in all and mean losses.
        should_stop: Called every few steps; true stops it.

    Raises:
        AffinityError: A training diverged, or there are fewer than 3 validation pictures.
        JobError: The requested device does not exist.
    """
    begun, settings = time.perf_counter(), run.settings
    device, tables = device_of(settings), []
    environment = environment_of(device, settings.threads)
    sources = Sources(
        data, device, weights, lambda key: drafts / f"similarity.{run.key}.{key}.safetensors", should_stop
    )
    with threads(settings.threads):
        for place, source in enumerate(run.sources):

            def show(step: int, steps: int, losses: Mapping[str, float], *, place: int = place) -> None:
                if progress is not None:
                    progress(place * steps + step, steps * len(run.sources), losses)

            network = sources.network(source, show)
            if network is None:
                return RunResult(state=RunState.CANCELLED, sentence="Cancelled.", environment=environment)
            pictures = tensors_of(data, "validation", (data.task(source.tasks[0]),), device).batch(slice(N_PICTURES))[0]
            tables.append(dissimilarities_of(network, pictures))
            show(1, 1, {})
    sources.forget_drafts(*run.sources)
    found = Similarity(similarities(np.stack(tables)), run.sources[0].seed, tables[0].shape[-1])
    return RunResult(
        state=RunState.DONE,
        seconds=time.perf_counter() - begun,
        environment=environment,
        payload=SimilarityPayload(similarity=similarity_document(found)).model_dump(mode="json"),
    )


def dissimilarities_of(network: nn.Module, pictures: Tensor) -> Array:
    """Return the dissimilarity matrix of pictures after each block, ``[n_blocks, n_pictures, n_pictures]``.

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
