"""SUN RGB-D as it is unpacked: a folder per sample with picture, depth, labels and the kind of room."""

import os
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.data.dense_set import PICTURE, DenseSet, drawn_rows, flat, metres
from core.data.folder import folder_of
from core.data.missing import MISSING_CLASS, MISSING_PIXEL
from core.data_roots import allowed
from core.errors import DataError
from core.regular_file import bounded_bytes
from core.studies.dataset_specification import DenseSpecification
from core.tasks import Kind, Task

TITLE: Final = "SUN RGB-D"
CLASSES: Final = (
    "wall", "floor", "cabinet", "bed", "chair", "sofa", "table", "door", "window", "bookshelf", "picture", "counter",
    "blinds", "desk", "shelves", "curtain", "dresser", "pillow", "mirror", "floor_mat", "clothes", "ceiling", "books",
    "fridge", "tv", "paper", "towel", "shower_curtain", "box", "whiteboard", "person", "night_stand", "toilet", "sink",
    "lamp", "bathtub", "bag",
)  # fmt: skip
# The kinds of rooms of more than 80 pictures; others are no label.
SCENES: Final = (
    "bathroom", "bedroom", "classroom", "computer_room", "conference_room", "corridor", "dining_area", "dining_room",
    "discussion_area", "furniture_store", "home_office", "kitchen", "lab", "lecture_theatre", "library", "living_room",
    "office", "rest_space", "study_space",
)  # fmt: skip
_SPLITS: Final = "allsplit.mat"
_SCENE: Final = "scene.txt"
_LABELS: Final = "seg.mat"
_DEPTHS: Final = ("depth_bfx", "depth")
_MAX_TEXT: Final = 1000
_MAX_MAT: Final = 200_000_000
_DEEPEST: Final = 6
_MILLIMETRES: Final = 1000
_FARTHEST: Final = 8.0


def sunrgbd_set(specification: DenseSpecification) -> DenseSet:
    """Return the files of SUN RGB-D: validation is drawn from its training split, whose file ``allsplit.mat`` is read.

    ``path`` holds the sensors' folders (``kv1``, …) and, anywhere below it or beside it, the toolbox with
    ``traintestSUNRGBD/allsplit.mat``. ``segmentation`` has the 37 usual classes, found by the names that each
    ``seg.mat`` gives its regions; ``scene`` the 19 kinds of rooms with more than 80 pictures.

    Raises:
        DataError: A folder or file is missing or damaged.

    Reference:
        Song et al. 2015.
    """
    root = folder_of(specification.path)
    splits = _splits(root)
    chosen: list[list[Path]] = [[], []]
    for folder in sorted(_samples(root)):
        name = folder.relative_to(root).as_posix()
        for place, names in enumerate(splits):
            if name in names:
                chosen[place].append(folder)
    samples = [folder for each in chosen for folder in each]
    rows = drawn_rows(specification, len(chosen[0]), None, len(chosen[1]), TITLE)
    return DenseSet(
        title=TITLE,
        tasks=(
            Task.usual("segmentation", Kind.SEGMENTATION, len(CLASSES)),
            Task.usual("depth", Kind.DEPTH, 1),
            Task.usual("scene", Kind.CLASSIFICATION, len(SCENES)),
        ),
        files={
            PICTURE: [_only(folder / "image", (".jpg", ".png")) for folder in samples],
            "segmentation": [_there(folder / _LABELS) for folder in samples],
            "depth": [_only(_depth_folder(folder), (".png",)) for folder in samples],
            "scene": [folder / _SCENE for folder in samples],
        },
        rows=rows,
        maps={"segmentation": _segmentation, "depth": _depth},
        labels={"scene": np.array([_scene(folder / _SCENE) for folder in samples], dtype=np.int64)},
        class_names={"segmentation": CLASSES, "scene": SCENES},
    )


def _samples(root: Path) -> list[Path]:
    found = []
    for folder, inner, files in os.walk(root):
        if _SCENE in files and "image" in inner:
            found.append(Path(folder))
            inner.clear()
        elif len(Path(folder).relative_to(root).parts) >= _DEEPEST:
            inner.clear()
    return found


def _splits(root: Path) -> list[frozenset[str]]:
    """Return the folders of samples to train on and to test on, below ``root``."""
    from scipy import io

    near = [root, *(root / name for name in ("SUNRGBDtoolbox", "traintestSUNRGBD")), root.parent / "SUNRGBDtoolbox"]
    places = [folder / inner / _SPLITS for folder in near for inner in ("", "traintestSUNRGBD")]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        raise DataError(
            f"{TITLE} should have SUNRGBDtoolbox/traintestSUNRGBD/{_SPLITS} in {root} or beside it. It says which "
            "samples are for training; unpack the toolbox there."
        )
    found = _mat(path, ("alltrain", "alltest"), io)
    # The files' own paths begin on their makers' machine.
    return [
        frozenset(_text_of(cell).strip("/").partition("SUNRGBD/")[2] for cell in np.ravel(found[name]))
        for name in ("alltrain", "alltest")
    ]


def _text_of(cell: Any) -> str:  # noqa: ANN401  # MATLAB's cells hold arrays that hold text
    while isinstance(cell, np.ndarray) and cell.size == 1:
        cell = cell.reshape(-1)[0]
    return str(cell)


def _mat(path: Path, names: tuple[str, ...], io: Any) -> dict[str, NDArray[Any]]:  # noqa: ANN401
    real = allowed(path)
    try:
        if real.stat().st_size > _MAX_MAT:
            raise DataError(
                f"{path.name} has more than {_MAX_MAT // 10**6} MB, so it is not {TITLE}'s. Fetch it again."
            )
        found = io.loadmat(str(real), variable_names=list(names))
    except DataError:
        raise
    except Exception:  # scipy raises whatever it stumbles over in a damaged file
        raise DataError(f"{path} is damaged or no MATLAB file. Fetch it again from its publisher.") from None
    if lacking := next((name for name in names if not isinstance(found.get(name), np.ndarray)), None):
        raise DataError(f'{path} has no "{lacking}". Fetch it again from its publisher.')
    return {name: found[name] for name in names}


def _only(folder: Path, ends: tuple[str, ...]) -> Path:
    found = sorted(path for path in folder.glob("*") if path.suffix.lower() in ends) if folder.is_dir() else []
    if len(found) != 1:
        raise DataError(f"{folder} should hold one file {' or '.join(ends)}, and has {len(found)}. Fetch it again.")
    return found[0]


def _there(path: Path) -> Path:
    if not path.is_file():
        raise DataError(f"{TITLE} should have {path}, which is missing. Fetch it again.")
    return path


def _depth_folder(folder: Path) -> Path:
    return next((folder / name for name in _DEPTHS if (folder / name).is_dir()), folder / _DEPTHS[0])


def _scene(path: Path) -> int:
    try:
        text = bounded_bytes(allowed(path), _MAX_TEXT).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise DataError(f"{path} should hold the name of a room in plain text. Fetch it again.") from None
    return SCENES.index(text) if text in SCENES else MISSING_CLASS


def _segmentation(path: Path) -> NDArray[np.uint8]:
    from scipy import io

    found = _mat(path, ("names", "seglabel"), io)
    labels, names = found["seglabel"], [_text_of(cell).strip().lower() for cell in np.ravel(found["names"])]
    if labels.ndim != 2 or labels.dtype.kind not in "iu" or labels.max(initial=0) > len(names):
        raise DataError(f"{path} should hold regions [height, width], each with a name. Fetch it again.")
    known = {name.replace("_", " "): number for number, name in enumerate(CLASSES)}
    # Regions count from 1; 0 is of none.
    numbers = [MISSING_PIXEL, *(known.get(name.replace("_", " "), MISSING_PIXEL) for name in names)]
    return np.array(numbers, dtype=np.uint8)[labels.astype(np.int64)]


def _depth(path: Path) -> NDArray[np.float32]:
    bits = flat(path, sixteen=True).astype(np.uint16)
    # The three lowest bits stand for the three highest.
    return metres(np.minimum((bits >> 3 | bits << 13).astype(np.float32) / _MILLIMETRES, np.float32(_FARTHEST)))
