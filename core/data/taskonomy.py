"""Taskonomy's tiny split: a folder per domain and building, a PNG per view, splits by building."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.data.dense_set import PICTURE, DenseSet, drawn_rows, flat, metres, numbered, unit_normals
from core.data.folder import folder_of
from core.data.picture_file import read_values
from core.errors import DataError
from core.studies.dataset_specification import DenseSpecification
from core.tasks import Kind, Task

TITLE: Final = "Taskonomy"
CLASSES: Final = (
    "background", "bottle", "chair", "couch", "potted plant", "bed", "dining table", "toilet", "tv", "microwave",
    "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase",
)  # fmt: skip
_TRAIN: Final = """
    allensville beechwood benevolence coffeen cosmos forkland hanson hiteman klickitat lakeville leonardo lindenwood
    marstons merom mifflinburg newfields onaga pinesdale pomaria ranchester shelbyville stockman tolstoy wainscott
    woodbine
"""
# Buildings of the tiny split: for training, validation and test.
BUILDINGS: Final = (
    frozenset(_TRAIN.split()),
    frozenset(("collierville", "corozal", "darden", "markleeville", "wiconisco")),
    frozenset(("ihlen", "mcdade", "muleshoe", "noxapater", "uvalda")),
)
_DOMAINS: Final = {
    PICTURE: "rgb",
    "segmentation": "segment_semantic",
    "normals": "normal",
    "depth": "depth_zbuffer",
    "edges": "edge_texture",
    "keypoints": "keypoints2d",
}
_TASKS: Final = {
    "segmentation": Task.usual("segmentation", Kind.SEGMENTATION, len(CLASSES)),
    "normals": Task.usual("normals", Kind.NORMALS, 3),
    "depth": Task.usual("depth", Kind.DEPTH, 1),
    "edges": Task.usual("edges", Kind.REGRESSION_MAP, 1),
    "keypoints": Task.usual("keypoints", Kind.REGRESSION_MAP, 1),
}
_DEPTH_UNIT: Final = 512
_NO_DEPTH: Final = 65535
_SIXTEEN_BITS: Final = 65535


def taskonomy_set(specification: DenseSpecification) -> DenseSet:
    """Return the files of Taskonomy's tiny split: views of which every domain that is there has a file.

    ``path`` holds ``DOMAIN/BUILDING/point_1_view_2_domain_DOMAIN.png`` or ``BUILDING/DOMAIN/…``, with the domains
    ``rgb``, ``segment_semantic``, ``normal``, ``depth_zbuffer``, ``edge_texture`` and ``keypoints2d``; those that are
    not there are left out.

    Raises:
        DataError: A folder is missing, no building of one of the splits is there, or a view lacks a file.

    Reference:
        Zamir et al. 2018; the tiny split is the authors' own.
    """
    root = folder_of(specification.path)
    views = {task: _views(root, domain) for task, domain in _DOMAINS.items()}
    present = [task for task, found in views.items() if found]
    if PICTURE not in present or len(present) == 1:
        raise DataError(
            f"{TITLE} should have rgb/BUILDING and BUILDING folders of other domains, such as normal, in {root}. "
            "Let path be the folder that holds the domains."
        )
    chosen: list[list[tuple[str, str]]] = [[], [], []]
    for view in sorted(views[PICTURE]):
        split = next((number for number, names in enumerate(BUILDINGS) if view[0] in names), None)
        if split is None:
            continue
        if lacking := next((task for task in present if view not in views[task]), None):
            raise DataError(
                f"{TITLE} should have a file of {_DOMAINS[lacking]} for {view[1][:60]} of {view[0][:40]}, which is "
                f"missing. Fetch the whole building, or remove the folders {_DOMAINS[lacking]}."
            )
        chosen[split].append(view)
    if not all(chosen):
        lacking_split = ("training", "validation", "test")[[bool(each) for each in chosen].index(False)]
        raise DataError(
            f"No building of {TITLE}'s tiny {lacking_split} split is in {root}. Fetch one, such as "
            f"{min(BUILDINGS[[bool(each) for each in chosen].index(False)])}."
        )
    order = [view for each in chosen for view in each]
    tasks = tuple(_TASKS[task] for task in present[1:])
    return DenseSet(
        title=TITLE,
        tasks=tasks,
        files={task: [views[task][view] for view in order] for task in present},
        rows=drawn_rows(specification, len(chosen[0]), len(chosen[1]), len(chosen[2]), TITLE),
        maps={task.name: _MAPS[task.name] for task in tasks},
        class_names={"segmentation": CLASSES} if "segmentation" in present else {},
    )


def _views(root: Path, domain: str) -> dict[tuple[str, str], Path]:
    """Return building and view → file of one domain."""
    end = f"_domain_{domain}.png"
    found = {}
    for building, folder in _folders(root, domain):
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(end):
                    found[building, entry.name.removesuffix(end)] = Path(entry.path)
    return found


def _folders(root: Path, domain: str) -> list[tuple[str, Path]]:
    """Return the buildings that have a domain, each with its folder."""
    if (root / domain).is_dir():
        return [(path.name.lower(), path) for path in (root / domain).iterdir() if path.is_dir()]
    return [(path.name.lower(), path / domain) for path in root.iterdir() if (path / domain).is_dir()]


def _segmentation(path: Path) -> NDArray[np.uint8]:
    # 0 is what its makers were not sure of.
    return numbered(flat(path), range(1, len(CLASSES) + 1))


def _normals(path: Path) -> NDArray[np.float32]:
    values = read_values(path)
    if values.ndim != 3 or values.shape[2] < 3 or values.dtype != np.uint8:
        raise DataError(f"{path.name} should be a picture in colour with 8 bits. Fetch it again.")
    return unit_normals(values[..., :3].astype(np.float32) / 127.5 - 1)


def _depth(path: Path) -> NDArray[np.float32]:
    values = flat(path, sixteen=True)
    return metres(np.where(values == _NO_DEPTH, 0, values).astype(np.float32) / _DEPTH_UNIT)


def _share(path: Path) -> NDArray[np.float32]:
    found: NDArray[np.float32] = (flat(path, sixteen=True).astype(np.float32) / np.float32(_SIXTEEN_BITS))[None]
    return found


_MAPS: Final[dict[str, Callable[[Path], NDArray[Any]]]] = {
    "segmentation": _segmentation,
    "normals": _normals,
    "depth": _depth,
    "edges": _share,
    "keypoints": _share,
}
