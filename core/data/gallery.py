"""Example pictures and targets, coloured for display. Imports no torch, so that pages may use it."""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import DENSE, Dataset, Samples
from core.data.missing import MISSING_CLASS, MISSING_PIXEL
from core.data.store import load
from core.studies.documents import MAX_LABEL
from core.studies.several_specification import DatasetSpecification
from core.studies.study import Gallery
from core.tasks import Kind, Task

Pictures = NDArray[np.uint8]
Targets = NDArray[np.generic]
_T = TypeVar("_T", bound=np.generic)

# Okabe and Ito's palette: also for colour-blind readers.
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
NO_LABEL: Final = "–"
# Near is light, far is dark, through blue-green: even steps of lightness.
_RAMP: Final = np.array(
    [[253, 231, 180], [122, 198, 150], [39, 122, 142], [52, 60, 118], [30, 14, 52]], dtype=np.float64
)


def gallery(specification: DatasetSpecification, n: int = 8, *, data: Dataset | None = None) -> Gallery:
    """Return the first test pictures with every task's targets: as pictures of one size, or in words.

    Segmentation is coloured by class; normals as (x, y, towards the viewer) → (red, green,
    blue); depth from light (near) to dark (far) over the range of all examples; edges and
    keypoints from black to white. Pixels without a label are black.

    Args:
        specification: The data set.
        n: How many examples; fewer where the test split is smaller.
        data: The data set itself, where it is loaded already.
    """
    dataset = load(specification) if data is None else data
    first = {name: target[:n] for name, target in dataset.test.targets.items()}
    return gallery_of(Samples(dataset.test.pictures[:n], first), dataset.tasks, dataset.class_names)


def gallery_of(samples: Samples, tasks: tuple[Task, ...], class_names: Mapping[str, tuple[str, ...]]) -> Gallery:
    """Return samples as a gallery.

    Args:
        samples: The examples.
        tasks: Tasks with a target in ``samples``.
        class_names: Task name → what its classes or labels are called, where known.
    """
    return Gallery(
        inputs=_last(samples.pictures),
        targets={task.name: coloured(task.kind, samples.targets[task.name]) for task in tasks if task.kind in DENSE},
        labels={
            task.name: captions(task.kind, samples.targets[task.name], class_names.get(task.name, ()))
            for task in tasks
            if task.kind not in DENSE
        },
    )


def captions(kind: Kind, target: Targets, names: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the correct answer for each example in words; a dash where there is no label.

    Args:
        kind: One whose answers are no maps.
        target: As in ``Samples.targets``.
        names: What the classes or labels are called; their numbers where there are no names.

    >>> captions(Kind.CLASSIFICATION, np.array([1, -1]), ("cat", "dog"))
    ('dog', '–')
    >>> captions(Kind.REGRESSION, np.array([[41.5], [np.nan]]))
    ('41.5', '–')
    >>> captions(Kind.MULTI_LABEL, np.array([[1.0, 1.0], [0.0, 0.0]]), ("hat", "beard"))
    ('hat, beard', 'none')
    """

    def name(number: int) -> str:
        return names[number] if number < len(names) else str(number)

    if kind.is_one_class:
        found = [NO_LABEL if number == MISSING_CLASS else name(int(number)) for number in target.astype(np.int64)]
    elif kind is Kind.REGRESSION:
        # Six digits: labels are single precision.
        words = [[NO_LABEL if np.isnan(x) else f"{x:.6g}" for x in row] for row in target.astype(np.float32)]
        found = [", ".join(row) for row in words]
    else:
        found = [
            NO_LABEL if np.isnan(row).all() else ", ".join(name(int(i)) for i in np.flatnonzero(row > 0.5)) or "none"
            for row in target.astype(np.float32)
        ]
    return tuple(text[:MAX_LABEL] for text in found)


def coloured(kind: Kind, target: Targets) -> Pictures:
    """Return dense targets, or predictions in the same form, as pictures ``uint8 [n, h, w, 3]``; black without a label.

    Args:
        kind: Of the task; one of the dense kinds.
        target: As in ``Samples.targets``.
    """
    return _COLOURS[kind](target)


def _segmentation(target: Targets) -> Pictures:
    numbers = target.astype(np.intp)
    return np.where((numbers == MISSING_PIXEL)[..., None], np.uint8(0), PALETTE[numbers % len(PALETTE)])


def _normals(target: Targets) -> Pictures:
    towards_viewer = np.array([1, 1, -1], dtype=np.float32)[:, None, None]
    return _bytes(_last((target.astype(np.float32) * towards_viewer + 1) / 2))


def _depth(target: Targets) -> Pictures:
    depth = target[:, 0].astype(np.float64)
    known = ~np.isnan(depth)
    near, far = (float(depth[known].min()), float(depth[known].max())) if known.any() else (0.0, 0.0)
    place = (np.where(known, depth, near) - near) / max(far - near, 1e-9)
    stops = np.linspace(0, 1, len(_RAMP))
    colours = np.stack([np.interp(place, stops, _RAMP[:, c]) for c in range(3)], axis=-1)
    return _bytes(np.where(known[..., None], colours, 0) / 255)


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
    return np.asarray(np.rint(np.clip(np.nan_to_num(values, nan=0.0), 0, 1) * 255), dtype=np.uint8)
