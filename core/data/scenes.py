"""``scenes``: solids on a floor before a wall, with exact targets of five Taskonomy-like tasks and one of the scene."""

import hashlib
import json
from collections.abc import Iterator
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from core.data.dataset import SPLITS, Dataset, Samples
from core.data.raycast import Rendering, draw_scenes, render
from core.data.stream import Stream
from core.studies.dataset_specification import ScenesSpecification
from core.tasks import Kind, Task

Array = NDArray[np.float32]

CLASSES: Final = ("floor", "wall", "sphere", "box", "cylinder")
SOLIDS: Final = CLASSES[2:]
CLASS_NAMES: Final = {"segmentation": CLASSES, "largest": SOLIDS}

TASKS: Final = (
    Task.usual("segmentation", Kind.SEGMENTATION, len(CLASSES)),
    Task.usual("normals", Kind.NORMALS, 3),
    Task.usual("depth", Kind.DEPTH, 1),
    Task.usual("edges", Kind.REGRESSION_MAP, 1),
    Task.usual("keypoints", Kind.REGRESSION_MAP, 1),
    # The one question about a scene as a whole: which kind of solid covers most of the picture.
    Task.usual("largest", Kind.CLASSIFICATION, len(SOLIDS)),
)

# Raise it when the same specification would draw other pictures: it is part of the cache's name.
VERSION: Final = 2
_CHUNK: Final = 100
_EDGE_SCALE: Final = np.float32(0.18)
_CORNER_SCALE: Final = np.float32(0.006)
# Pixels. Sharper heat is zero almost everywhere, and zero everywhere is then the answer of least error.
_CORNER_BLUR: Final = 1.5
_HARRIS_K: Final = np.float32(0.05)
_SLOPE: Final = (-0.5, 0.0, 0.5)


def make_scenes(specification: ScenesSpecification) -> Dataset:
    """Return the scenes of a specification, regenerated: the same one always gives the same pictures.

    Args:
        specification: Sizes of the three splits, picture size, noise (standard deviation,
            1 is the whole range of brightness) and seed.
    """
    splits = {split: _samples(specification, split) for split in SPLITS}
    return Dataset("scenes", TASKS, **splits, class_names=CLASS_NAMES)


def cache_name(specification: ScenesSpecification) -> str:
    """Return the file name that only this specification has."""
    document = json.dumps({"version": VERSION, **specification.model_dump(mode="json")}, sort_keys=True)
    return f"scenes-{hashlib.sha256(document.encode()).hexdigest()[:20]}.npz"


def stream_scenes(specification: ScenesSpecification) -> Stream:
    """Return the scenes of a specification, rendered a few at a time; the same as ``make_scenes``."""
    sizes = {split: int(getattr(specification, f"n_{split}")) for split in SPLITS}
    return Stream("scenes", TASKS, sizes, partial(_parts, specification), CLASS_NAMES)


def _parts(specification: ScenesSpecification, split: str) -> Iterator[Samples]:
    n = int(getattr(specification, f"n_{split}"))
    # One stream per split: a longer training split leaves the test pictures as they are.
    stream = np.random.SeedSequence([specification.seed, SPLITS.index(split)])
    shapes, grain = (np.random.default_rng(child) for child in stream.spawn(2))
    scenes = draw_scenes(n, shapes)
    for start in range(0, n, _CHUNK):
        rendering = render(scenes.part(slice(start, start + _CHUNK)), specification.size)
        yield Samples(_noisy(rendering.picture, specification.noise, grain), targets(rendering))


def _samples(specification: ScenesSpecification, split: str) -> Samples:
    return Samples.joined([*_parts(specification, split)])


def _noisy(picture: Array, noise: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    grainy = picture + np.float32(noise) * rng.standard_normal(picture.shape, dtype=np.float32)
    return np.asarray(np.rint(np.clip(grainy, 0, 1) * 255), dtype=np.uint8)


def targets(rendering: Rendering) -> dict[str, NDArray[np.generic]]:
    """Return the exact targets of all six tasks.

    Floating-point targets are stored in half precision (relative error below 5e-4).
    Edges and keypoints come from the noise-free grey picture, so they are no function of
    the geometry alone: shadows have edges, too.

    Returns:
        Task name → array: ``segmentation`` ``uint8 [n, h, w]``, ``normals`` ``[n, 3, h, w]``,
        ``largest`` ``uint8 [n]``, the others ``[n, 1, h, w]``.
    """
    grey = rendering.picture.mean(axis=1)
    return {
        "segmentation": rendering.classes,
        "normals": rendering.normals.astype(np.float16),
        "depth": rendering.depth.astype(np.float16),
        "edges": edges(grey)[:, None].astype(np.float16),
        "keypoints": keypoints(grey)[:, None].astype(np.float16),
        "largest": largest(rendering.classes),
    }


def largest(classes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return which kind of solid covers most pixels, in the order of ``SOLIDS``, ``[n]``.

    Args:
        classes: ``[n, h, w]``, in the order of ``CLASSES``.
    """
    first = len(CLASSES) - len(SOLIDS)
    covered = np.stack([(classes == first + kind).sum(axis=(1, 2)) for kind in range(len(SOLIDS))])
    return np.asarray(covered.argmax(axis=0), dtype=np.uint8)


def edges(grey: Array) -> Array:
    """Return edge strength, 0 to 1: the gradient's length of the slightly smoothed picture.

    Args:
        grey: ``[n, h, w]``, 0 to 1, without noise.
    """
    across, down = _gradient(grey, 0.7)
    return np.clip(np.hypot(across, down) / _EDGE_SCALE, 0, 1)


def keypoints(grey: Array) -> Array:
    """Return keypoint heat, 0 to 1: how much of a corner is near, the root of the blurred Harris strength.

    Args:
        grey: ``[n, h, w]``, 0 to 1, without noise.

    Reference:
        Harris and Stephens, A Combined Corner and Edge Detector, 1988.
    """
    across, down = _gradient(grey, 0.7)
    xx, yy, xy = (
        ndimage.gaussian_filter(product, (0, 1.0, 1.0), mode="nearest")
        for product in (across**2, down**2, across * down)
    )
    response = xx * yy - xy**2 - _HARRIS_K * (xx + yy) ** 2
    # The response has the fourth power of brightness: the fourth root would lift noise, the square root keeps peaks.
    strength = np.clip(np.sqrt(np.maximum(response, 0)) / _CORNER_SCALE, 0, 1)
    near = ndimage.gaussian_filter(strength, (0, _CORNER_BLUR, _CORNER_BLUR), mode="nearest")
    return np.asarray(np.sqrt(near), dtype=np.float32)


def _gradient(grey: Array, sigma: float) -> tuple[Array, Array]:
    # ndimage.sobel would also blur along the first axis, from one picture into the next.
    smooth = ndimage.gaussian_filter(grey, (0, sigma, sigma), mode="nearest")
    across = ndimage.correlate1d(smooth, _SLOPE, axis=2, mode="nearest")
    down = ndimage.correlate1d(smooth, _SLOPE, axis=1, mode="nearest")
    return across, down
