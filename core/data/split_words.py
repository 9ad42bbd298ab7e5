"""What people call training, validation and test."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from core.data.dataset import SPLITS

_WORDS: Final[Mapping[str, str]] = {
    word: split
    for split, words in {
        "train": "train training trn tr",
        "validation": "validation valid val vali dev devel development",
        "test": "test testing tst te holdout",
    }.items()
    for word in words.split()
}
SPLIT: Final = "split"
_TITLES: Final = frozenset({"split", "splits", "subset", "set", "partition", "fold", "phase", "usage", "datasplit"})
_FOLDS: Final = frozenset({"split", "splits", "fold", "folds", "kfold", "cvfold"})
# What stands around the name of a split in that of a column of flags.
_AROUND: Final = frozenset({"is", "in", "for", "use", "set", "data", "split", "flag", "sample", "image"})
_FLAGS: Final = frozenset({"true", "false", "t", "f", "yes", "no", "y", "n", "0", "1", "0.0", "1.0", "x"})
_WORD: Final = re.compile(r"[^\W\d_]+")
_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SHORT: Final = 2
# As CelebA and others number them.
NUMBERED: Final[Mapping[str, str]] = {str(number): split for number, split in enumerate(SPLITS)}


def split_of(word: str) -> str | None:
    """Return the split that a word means, whatever its capitals; None where it means none.

    >>> split_of("Val"), split_of("TRAIN_SET"), split_of("cats")
    ('validation', 'train', None)
    """
    plain = "".join(filter(str.isalpha, word.casefold()))
    return _WORDS.get(plain) or _WORDS.get(plain.removesuffix("set")) or _WORDS.get(plain.removesuffix("data"))


def may_say_split(title: str, cells: Iterable[str]) -> bool:
    """Return whether a column may say the splits in a form that is not read: folds, ``is_train``.

    >>> may_say_split("fold", "01234"), may_say_split("is_train", ["True", "False"]), may_say_split("train", "abc")
    (True, True, False)
    """
    words = {*_WORD.findall(_CAPITAL.sub(" ", title).casefold())}
    if is_split_title(title) or words & _FOLDS:
        return True
    named = any(split_of(word) and len(word) > _SHORT for word in words) and all(
        split_of(word) or word in _AROUND for word in words
    )
    return named and {cell.casefold() for cell in cells if cell} <= _FLAGS


def is_split_title(title: str) -> bool:
    """Return whether a column of this title may hold splits."""
    return "".join(filter(str.isalpha, title.casefold())) in _TITLES
