"""What people call training, validation and test."""

from collections.abc import Mapping
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
_TITLES: Final = frozenset({"split", "splits", "subset", "set", "partition", "fold", "phase", "usage", "datasplit"})
# As CelebA and others number them.
NUMBERED: Final[Mapping[str, str]] = {str(number): split for number, split in enumerate(SPLITS)}


def split_of(word: str) -> str | None:
    """Return the split that a word means, whatever its capitals; None where it means none.

    >>> split_of("Val"), split_of("TRAIN_SET"), split_of("cats")
    ('validation', 'train', None)
    """
    plain = "".join(filter(str.isalpha, word.casefold()))
    return _WORDS.get(plain) or _WORDS.get(plain.removesuffix("set")) or _WORDS.get(plain.removesuffix("data"))


def is_split_title(title: str) -> bool:
    """Return whether a column of this title may hold splits."""
    return "".join(filter(str.isalpha, title.casefold())) in _TITLES
