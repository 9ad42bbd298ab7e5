"""The arrays of an NPZ file by name; where it has one array per split, as in MedMNIST, the three are one array."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import SPLITS
from core.data.npz_file import Header, read_array, read_headers
from core.data.split_words import split_of
from core.errors import DataError


@dataclass(frozen=True, slots=True)
class NamedArrays:
    """What an NPZ file holds, by headers; arrays are read one by one.

    Args:
        path: Of the file.
        headers: Name → header of each of its arrays.
        parts: Name → the arrays of training, validation and test that stand for it: ``train_images``, ``val_images``
            and ``test_images``, or ``images_train`` and so on, are ``images``, end to end.
    """

    path: Path
    headers: Mapping[str, Header]
    parts: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, path: Path) -> "NamedArrays":
        """Return the arrays of a file.

        Raises:
            DataError: As ``read_headers``.
        """
        headers = read_headers(path)
        found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for array, header in headers.items():
            before, _, after = array.partition("_")
            first, _, last = array.rpartition("_")
            for word, name in ((before, after), (last, first)):
                if name and header.shape and (split := split_of(word)):
                    found[name][split].append(array)
        parts = {
            name: tuple(arrays[split][0] for split in SPLITS)
            for name, arrays in found.items()
            # An array of that name comes first, and where two could be meant none is.
            if name not in headers and arrays.keys() == {*SPLITS} and all(len(each) == 1 for each in arrays.values())
        }
        return cls(path, headers, parts)

    def header(self, name: str) -> Header:
        """Return the shape and type of an array.

        Raises:
            DataError: There is no such array, or those of its splits don't go together.
        """
        if name in self.headers:
            return self.headers[name]
        if name not in self.parts:
            present = ", ".join(sorted(self.headers)[:20])
            raise DataError(
                f'{self.path.name} has no array "{name[:80]}". It holds: {present}. Name one of them in the TOML file.'
            )
        found = [self.headers[part] for part in self.parts[name]]
        if len({(header.shape[1:], header.dtype) for header in found}) > 1 or not all(h.shape[0] for h in found):
            words = ", ".join(f"{h.dtype} {list(h.shape)}" for h in found)
            raise DataError(
                f"{', '.join(self.parts[name])} of {self.path.name} are {words[:200]}. They should have one type and, "
                "but for their length, one shape, and none should be empty."
            )
        return Header((sum(header.shape[0] for header in found), *found[0].shape[1:]), found[0].dtype)

    def read(self, name: str) -> NDArray[Any]:
        """Return an array, those of its splits end to end; ``header`` has found it sound.

        Raises:
            DataError: It is damaged.
        """
        if name in self.headers:
            return read_array(self.path, name)
        return np.concatenate([read_array(self.path, part) for part in self.parts[name]])

    def split_sizes(self, name: str) -> tuple[int, ...] | None:
        """Return how many rows of an array are of training, validation and test; None where the file has it whole."""
        return None if name in self.headers else tuple(self.headers[part].shape[0] for part in self.parts[name])
