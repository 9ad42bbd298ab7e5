"""Example pictures and targets, coloured for people. Knows no torch, so pages may use it."""

from collections.abc import Callable
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import DENSE, Dataset
from core.data.store import load
from core.studies.specification import DatasetSpecification
from core.studies.study import Gallery
from core.tasks import Kind

Pictures = NDArray[np.uint8]
Targets = NDArray[np.generic]
_T = TypeVar("_T", bound=np.generic)

# Okabe and Ito's palette: told apart by colour-blind readers, too.
PALETTE: Final = np.array(
    [
        [190, 190, 190],
        [86, 92, 102],
        [213, 94, 0],
        [0, 114, 178],
        [0, 158, 115],
        [230, 159, 0],
        [86, 180, 233],
        [204, 121, 167],
        [240, 228, 66],
    ],
    dtype=np.uint8,
)
# Near is light, far is dark, through blue-green: even steps of lightness.
_RAMP: Final = np.array(
    [[253, 231, 180], [122, 198, 150], [39, 122, 142], [52, 60, 118], [30, 14, 52]], dtype=np.float64
)


def gallery(specification: DatasetSpecification, n: int = 8, *, data: Dataset | None = None) -> Gallery:
    """Give the first test pictures and every dense task's targets, as pictures of one size.

    Segmentation is coloured by class; normals as (x, y, towards the viewer) → (red, green,
    blue); depth from light (near) to dark (far) over the range of all examples; edges and
    keypoints from black to white.

    Args:
        specification: The data set.
        n: How many examples; fewer where the test split is smaller.
        data: The data set itself, where it is loaded already.
    """
    dataset = load(specification) if data is None else data
    return Gallery(
        inputs=_last(dataset.test.pictures[:n]),
        targets={
            task.name: coloured(task.kind, dataset.test.targets[task.name][:n])
            for task in dataset.tasks
            if task.kind in DENSE
        },
    )


def coloured(kind: Kind, target: Targets) -> Pictures:
    """Give dense targets, or predictions in the same form, as pictures ``uint8 [n, h, w, 3]``.

    Args:
        kind: Of the task; one of the dense kinds.
        target: As in ``Samples.targets``.
    """
    return _COLOURS[kind](target)


def _segmentation(target: Targets) -> Pictures:
    return PALETTE[target.astype(np.intp) % len(PALETTE)]


def _normals(target: Targets) -> Pictures:
    towards_viewer = np.array([1, 1, -1], dtype=np.float32)[:, None, None]
    return _bytes(_last((target.astype(np.float32) * towards_viewer + 1) / 2))


def _depth(target: Targets) -> Pictures:
    depth = target[:, 0].astype(np.float64)
    near, far = float(depth.min()), float(depth.max())
    place = (depth - near) / max(far - near, 1e-9)
    stops = np.linspace(0, 1, len(_RAMP))
    return _bytes(np.stack([np.interp(place, stops, _RAMP[:, c]) for c in range(3)], axis=-1) / 255)


def _map(target: Targets) -> Pictures:
    return np.repeat(_bytes(_last(target.astype(np.float32)[:, :1])), 3, axis=-1)


_COLOURS: Final[dict[Kind, Callable[[Targets], Pictures]]] = {
    Kind.SEGMENTATION: _segmentation,
    Kind.NORMALS: _normals,
    Kind.DEPTH: _depth,
    Kind.REGRESSION_MAP: _map,
}


def _last(pictures: NDArray[_T]) -> NDArray[_T]:
    return np.ascontiguousarray(pictures.transpose(0, 2, 3, 1))


def _bytes(values: NDArray[np.floating]) -> Pictures:
    return np.asarray(np.rint(np.clip(values, 0, 1) * 255), dtype=np.uint8)
