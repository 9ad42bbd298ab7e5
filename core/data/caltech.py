"""Caltech-101 and Caltech-256, as torchvision leaves them on disk."""

from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core.data.known_folder import known_folder
from core.data.picture_file import picture_size, read_pictures
from core.data.questions import class_order, parts, whole
from core.data.source import Answers, Source
from core.data.splits import Rows, drawn_from
from core.data.svhn import read_mat
from core.errors import DataError
from core.studies.dataset_specification import ClassesSpecification
from core.tasks import Kind, Task

OUTLINE: Final = "outline"
_FORMS: Final = {
    "caltech101": ("Caltech-101", "caltech101", "101_ObjectCategories"),
    "caltech256": ("Caltech-256", "caltech256", "256_ObjectCategories"),
}
_ENDINGS: Final = (".jpg", ".jpeg", ".png")
_BACKGROUND: Final = "BACKGROUND_Google"
ANNOTATIONS: Final = "Annotations"
# Four categories of Caltech-101 have annotations under other names.
_OTHER_NAMES: Final = {
    "Faces": "Faces_2",
    "Faces_easy": "Faces_3",
    "Motorbikes": "Motorbikes_16",
    "airplanes": "Airplanes_Side_2",
}


def caltech_files(specification: ClassesSpecification) -> list[Path]:
    """Return every picture and, of Caltech-101, every annotation, category by category.

    Raises:
        DataError: The folder of categories is missing or has no pictures.
    """
    folder = _folder(specification)
    pictures = [path for paths in _categories(specification, folder).values() for path in paths]
    return [*pictures, *sorted((folder / ANNOTATIONS).glob("*/*.mat"))]


def caltech_source(specification: ClassesSpecification) -> Source:
    """Return Caltech with ``class``, the classes split into parts and, of Caltech-101, the ``outline``.

    The outline is a dense task: which pixels belong to the object, as drawn by hand. It is
    offered where the folder ``Annotations`` is there.

    Args:
        specification: The folder, at most how many pictures of each split, picture size, seed.

    Raises:
        DataError: A folder or an annotation is missing, or a picture is damaged.

    Reference:
        Fei-Fei, Fergus and Perona, 2004; Griffin, Holub and Perona, Caltech-256, 2007.
    """
    folder = _folder(specification)
    categories = _categories(specification, folder)
    names = tuple(name.split(".", 1)[-1] for name in categories)
    paths = [path for found in categories.values() for path in found]
    classes = np.repeat(np.arange(len(categories)), [len(found) for found in categories.values()])
    questions = (
        whole("class", names),
        *parts(names, specification.parts, class_order(len(names), specification.order)),
    )
    tasks = [question.task for question in questions]
    outlined = specification.name == "caltech101" and (folder / ANNOTATIONS).is_dir()
    if outlined:
        tasks.append(Task.usual(OUTLINE, Kind.SEGMENTATION, 2))
    sizes = (specification.n_train, specification.n_validation, specification.n_test)
    class_names = {question.name: question.answers for question in questions}
    return Source(
        name=_FORMS[specification.name][0],
        tasks=tuple(tasks),
        labels={question.name: question.target(classes) for question in questions},
        rows=drawn_from(classes, None, sizes, np.random.default_rng(specification.seed)),
        pictures=lambda rows: read_pictures([paths[row] for row in rows], specification.size),
        maps=partial(_outlines, paths, folder / ANNOTATIONS, specification.size) if outlined else lambda _: {},
        class_names=class_names | ({OUTLINE: ("background", "object")} if outlined else {}),
    )


def outline(annotation: Path, shape: tuple[int, int], size: int) -> NDArray[np.uint8]:
    """Return which pixels are inside the outline of an annotation, 0 or 1, ``[size, size]``.

    Args:
        annotation: MATLAB file with ``obj_contour`` (x, y; 2 × points) relative to the top left
            corner of ``box_coord`` (top, bottom, left, right).
        shape: Width and height of the picture in pixels.
        size: Height and width wanted.

    Raises:
        DataError: The file is missing or damaged, or holds no outline.
    """
    contour, box = read_mat(annotation, "obj_contour"), read_mat(annotation, "box_coord")
    if contour.ndim != 2 or contour.shape[0] != 2 or contour.shape[1] < 3 or box.size != 4:
        raise DataError(f"{annotation.name} holds no outline. Fetch Caltech-101's annotations again.")
    corner = box.ravel().astype(np.float64)[[2, 0]]
    points = (contour.T.astype(np.float64) + corner) * size / np.array(shape)
    canvas = Image.new("L", (size, size))
    ImageDraw.Draw(canvas).polygon([(float(x), float(y)) for x, y in np.nan_to_num(points)], fill=1)
    return np.asarray(canvas, dtype=np.uint8)


def _outlines(paths: list[Path], annotations: Path, size: int, rows: Rows) -> Answers:
    found = np.empty((len(rows), size, size), dtype=np.uint8)
    for place, row in enumerate(rows):
        picture = paths[row]
        category = _OTHER_NAMES.get(picture.parent.name, picture.parent.name)
        file = annotations / category / f"{picture.stem.replace('image', 'annotation')}.mat"
        found[place] = outline(file, picture_size(picture), size)
    return {OUTLINE: found}


def _folder(specification: ClassesSpecification) -> Path:
    title, inner, categories = _FORMS[specification.name]
    return known_folder(specification.path, inner, (categories,), title)


def _categories(specification: ClassesSpecification, folder: Path) -> dict[str, list[Path]]:
    title, _, inner = _FORMS[specification.name]
    found = {
        category.name: sorted(path for path in category.iterdir() if path.suffix.lower() in _ENDINGS)
        for category in sorted((folder / inner).iterdir())
        if category.is_dir() and category.name != _BACKGROUND
    }
    present = {name: paths for name, paths in found.items() if paths}
    if len(present) < specification.parts:
        raise DataError(f"{title} has {len(present)} categories with pictures in {folder / inner}. Fetch it again.")
    return present
