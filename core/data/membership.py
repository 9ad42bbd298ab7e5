"""What an application must know of the data a network learned from: preprocessing, class names, splits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.csv_text import csv_text
from core.data import planted, scenes
from core.data.catalogue import source_of
from core.data.dataset import SPLITS
from core.data.fingerprint import check_unchanged
from core.data.folder import folder_of
from core.data.labels_file import read_labels
from core.errors import CodeError, DataError
from core.studies.dataset_specification import (
    CelebaSpecification,
    ClassesSpecification,
    DenseSpecification,
    DigitsSpecification,
    FolderSpecification,
    InFolder,
    Mnist5kSpecification,
    OneDataset,
    PhotographsSpecification,
    PlantedSpecification,
    ScenesSpecification,
)
from core.studies.several_specification import DatasetSpecification
from core.studies.task_entry import Preprocessing, Splits

# Colours 0 to 255 become about −2 to 2.
MIDDLE: Final = 110.0
SPREAD: Final = 60.0
RANGE: Final = 255.0
SPLITS_FILE: Final = "splits.csv"
_CHANNELS: Final = 3
# As ``read_picture`` resizes files.
_GAP: Final[float | None] = 3.0


@dataclass(frozen=True, slots=True)
class Membership:
    """What a data set says of itself to those who use a network trained on it.

    Args:
        class_names: Task → what its classes or labels are called; tasks without names are left out.
        splits: The rule that made the splits, and how many pictures each has.
        listing: CSV of every picture with its split, where pictures are files; empty otherwise.
        note: Why names and counts are missing; empty where they are not.
    """

    class_names: Mapping[str, tuple[str, ...]]
    splits: Splits
    listing: bytes = b""
    note: str = ""


def preprocessing_of(
    specification: OneDataset, size: tuple[int, int], *, network_size: tuple[int, int] | None = None
) -> Preprocessing:
    """Return what is done to a picture of a data set before a network sees it.

    Args:
        specification: The data set.
        size: Height and width of its pictures.
        network_size: What the network takes, where another.
    """
    resize, gap = "bilinear", _GAP
    fit = specification.fit if isinstance(specification, FolderSpecification) else "stretch"
    match specification:
        case FolderSpecification() | CelebaSpecification():
            pass
        case DenseSpecification() if specification.name != "nyuv2":
            pass
        case ClassesSpecification() if specification.name.startswith("caltech"):
            pass
        case DigitsSpecification() | PhotographsSpecification():
            resize, gap = "bicubic", None
        case Mnist5kSpecification():
            gap = None
        case ScenesSpecification() | PlantedSpecification():
            resize, gap = "none", None
        case _:
            # Arrays are taken as they are; the well-known sets are resized where they need it.
            resize, gap = ("bilinear", None) if getattr(specification, "size", None) else ("none", None)
    return Preprocessing.model_validate(
        {
            "size": size,
            "channels": _CHANNELS,
            "mean": (MIDDLE,) * _CHANNELS,
            "std": (SPREAD,) * _CHANNELS,
            "range": RANGE,
            "resize": resize,
            "reducing_gap": gap,
            "keep_aspect": fit != "stretch",
            "fit": fit,
            "network_size": None if network_size in (None, size) else network_size,
        }
    )


def rule_of(specification: DatasetSpecification) -> Splits:
    """Return the rule of a data set's splits, without where the data lie; the data need not be there."""
    return Splits(rule=specification.model_dump(mode="json", exclude={*specification.not_hashed}))


def membership_of(specification: OneDataset) -> Membership:
    """Return class names and splits of a data set; labels are read, pictures are not.

    Raises:
        DataError: The data are missing, unsound, changed since the study was made, or outside the allowed folders.
    """
    rule = rule_of(specification)
    if isinstance(specification, ScenesSpecification | PlantedSpecification):
        counts = {split: int(getattr(specification, f"n_{split}")) for split in SPLITS}
        names = _drawn_names(specification)
        return Membership(names, rule.model_copy(update={"counts": counts}))
    if isinstance(specification, InFolder):
        check_unchanged(specification)
    source = source_of(specification)
    counts = {split: len(rows) for split, rows in source.rows.items()}
    found = {name: tuple(map(str, names)) for name, names in source.class_names.items()}
    listing = b""
    if isinstance(specification, FolderSpecification):
        files = read_labels(folder_of(specification.path)).files
        listing = _listing({split: [files[row] for row in source.rows[split]] for split in SPLITS})
    update = {"counts": counts, "file": SPLITS_FILE if listing else ""}
    return Membership(found, rule.model_copy(update=update), listing)


def known_membership(specification: OneDataset) -> Membership:
    """Return ``membership_of``; where the data are not here any more, or are others, the rule alone and a note."""
    try:
        return membership_of(specification)
    except (DataError, CodeError) as fault:
        return Membership({}, rule_of(specification), note=f"Names of classes are left out: {fault}")


def _drawn_names(specification: ScenesSpecification | PlantedSpecification) -> Mapping[str, tuple[str, ...]]:
    if isinstance(specification, ScenesSpecification):
        return scenes.CLASS_NAMES
    return planted.class_names(specification)


def _listing(files: Mapping[str, list[str]]) -> bytes:
    rows = [(file, split) for split in SPLITS for file in files[split]]
    return csv_text([("file", "split"), *rows]).encode()
