"""Which loader reads which data set, and from which files. A new data set adds a line here."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from core.data.arrays import arrays_source
from core.data.caltech import caltech_files, caltech_source
from core.data.celeba import celeba_files, celeba_source
from core.data.cifar import cifar_files, cifar_source
from core.data.cityscapes import cityscapes_set
from core.data.dense_set import DenseSet
from core.data.digits import digits_source
from core.data.folder import folder_source
from core.data.mnist5k import mnist5k_source
from core.data.nyuv2 import nyuv2_set
from core.data.photographs import photographs_source
from core.data.python_set import python_source
from core.data.source import Source
from core.data.stl10 import stl10_files, stl10_source
from core.data.sunrgbd import sunrgbd_set
from core.data.svhn import svhn_files, svhn_source
from core.data.taskonomy import taskonomy_set
from core.errors import DataError
from core.studies.dataset_specification import (
    ArraysSpecification,
    CelebaSpecification,
    ClassesSpecification,
    DenseSpecification,
    DigitsSpecification,
    FolderSpecification,
    Mnist5kSpecification,
    PhotographsSpecification,
    PythonSpecification,
    SvhnSpecification,
)

Known = ClassesSpecification | SvhnSpecification | CelebaSpecification | DenseSpecification
Read = (
    DigitsSpecification
    | Mnist5kSpecification
    | PhotographsSpecification
    | FolderSpecification
    | ArraysSpecification
    | PythonSpecification
    | Known
)

_CLASSES: Final[dict[str, Callable[[ClassesSpecification], Source]]] = {
    "cifar10": cifar_source,
    "cifar100": cifar_source,
    "stl10": stl10_source,
    "caltech101": caltech_source,
    "caltech256": caltech_source,
}
_CLASS_FILES: Final[dict[str, Callable[[ClassesSpecification], list[Path]]]] = {
    "cifar10": cifar_files,
    "cifar100": cifar_files,
    "stl10": stl10_files,
    "caltech101": caltech_files,
    "caltech256": caltech_files,
}
_DENSE: Final[dict[str, Callable[[DenseSpecification], DenseSet]]] = {
    "nyuv2": nyuv2_set,
    "taskonomy": taskonomy_set,
    "cityscapes": cityscapes_set,
    "sunrgbd": sunrgbd_set,
}


def source_of(specification: Read) -> Source:
    """Return labels, splits and the way to the pictures of a data set that is read, not made up.

    Raises:
        DataError: Its files are missing, unsound or outside the allowed folders.
    """
    try:
        match specification:
            case DigitsSpecification():
                return digits_source(specification)
            case Mnist5kSpecification():
                return mnist5k_source(specification)
            case PhotographsSpecification():
                return photographs_source(specification)
            case FolderSpecification():
                return folder_source(specification)
            case ArraysSpecification():
                return arrays_source(specification)
            case PythonSpecification():
                return python_source(specification)
            case ClassesSpecification():
                return _CLASSES[specification.name](specification)
            case SvhnSpecification():
                return svhn_source(specification)
            case CelebaSpecification():
                return celeba_source(specification)
            case DenseSpecification():
                return _DENSE[specification.name](specification).source(specification.size)
    except OSError as fault:
        raise _unreadable(fault) from None


def files_of(specification: Known) -> list[Path]:
    """Return the files a well-known data set is read from.

    Raises:
        DataError: Some are missing or outside the allowed folders.
    """
    try:
        match specification:
            case ClassesSpecification():
                return _CLASS_FILES[specification.name](specification)
            case SvhnSpecification():
                return svhn_files(specification)
            case CelebaSpecification():
                return celeba_files(specification)
            case DenseSpecification():
                return _DENSE[specification.name](specification).all_files
    except OSError as fault:
        raise _unreadable(fault) from None


def _unreadable(fault: OSError) -> DataError:
    what = fault.filename or "The data set"
    return DataError(f"{what} can't be read: {fault.strerror}. Check its rights and the disk.")
