"""How alike the tasks of a study are: the features of their single-task networks compared."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from torch import Tensor, nn

from core.affinity import Similarity, dissimilarities, similarities
from core.data.dataset import Dataset
from core.errors import AffinityError, BackboneError
from core.networks.export import load_weights, to_bytes
from core.networks.tree import TreeNetwork
from core.studies.documents import similarity_document
from core.studies.home import write_whole
from core.studies.measurements import SimilaritySpecification
from core.studies.result import RunResult, RunState
from core.studies.specification import RunSpecification
from core.training.build import build
from core.training.loop import End
from core.training.run import device_of, environment_of, threads, train
from core.training.tensors import tensors_of

Array = NDArray[np.float64]
Progress = Callable[[int, int, Mapping[str, float]], None]

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
    with threads(settings.threads):
        for place, source in enumerate(asked.sources):

            def show(step: int, steps: int, losses: Mapping[str, float], *, place: int = place) -> None:
                if progress is not None:
                    progress(place * steps + step, steps * len(asked.sources), losses)

            draft = drafts / f"similarity.{source.key}.safetensors"
            network = _kept(source, data, weights(source.key), device) or _kept(source, data, draft, device)
            if network is None:
                network = _trained(source, data, device, show, should_stop)
                if network is None:
                    return RunResult(state=RunState.CANCELLED, sentence="Cancelled.", environment=surroundings)
                write_whole(draft, to_bytes(network))
            pictures = tensors_of(data, "validation", (data.task(source.tasks[0]),), device).batch(slice(N_PICTURES))[0]
            tables.append(dissimilarities_of(network, pictures))
            show(1, 1, {})
    for source in asked.sources:
        (drafts / f"similarity.{source.key}.safetensors").unlink(missing_ok=True)
    found = Similarity(similarities(np.stack(tables)), asked.sources[0].seed, tables[0].shape[-1])
    return RunResult(
        state=RunState.DONE,
        seconds=time.perf_counter() - begun,
        environment=surroundings,
        similarity=similarity_document(found),
    )


def _kept(source: RunSpecification, data: Dataset, path: Path, device: torch.device) -> TreeNetwork | None:
    if not path.is_file():
        return None
    tasks = tuple(data.task(name) for name in source.tasks)
    network = build(source.backbone, source.tree, tasks, data.size, source.seed)
    try:
        load_weights(network, path)
    except (BackboneError, SafetensorError, OSError):
        return None  # damaged: trained once more
    return network.to(device).eval()


def _trained(
    source: RunSpecification,
    data: Dataset,
    device: torch.device,
    progress: Progress,
    should_stop: Callable[[], bool] | None,
) -> TreeNetwork | None:
    _, outcome = train(source, data, device, progress=progress, should_stop=should_stop)
    if outcome.end is End.STOPPED:
        return None
    if outcome.end is End.DIVERGED:
        raise AffinityError(
            f"The loss of {source.title} became not-a-number at step {outcome.step}. Try a lower learning rate."
        )
    assert isinstance(outcome.network, TreeNetwork)
    return outcome.network


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
