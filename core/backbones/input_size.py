"""One argument of a network, written in words: its name, sizes and kind of numbers."""

import keyword
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from core.errors import BackboneError

MAX_SIZE = 65_536
MAX_DIMENSIONS = 5
# 400 MB of float32: more is a slip of the keyboard.
MAX_NUMBERS = 100_000_000
MAX_BELOW = 2**31
_WORDS = re.compile(r"(?:(?P<name>[^=:]*)=)?(?P<sizes>[0-9, ]*)(?::(?P<kind>[a-z]+))?(?::(?P<below>[0-9]{1,10}))?")
_HOW = "Write channels, height and width, as in 3,224,224, or tokens with their vocabulary, as in 128:int:30522."


class Numbers(Enum):
    """What a tensor holds."""

    FLOAT = "float"
    INT = "int"
    BOOL = "bool"


@dataclass(frozen=True, slots=True)
class InputSize:
    """One argument of a network.

    Args:
        sizes: Without the batch.
        name: The argument's name; empty for one given in order.
        numbers: What it holds.
        below: Whole numbers are drawn from 0 up to this one, without it.
    """

    sizes: tuple[int, ...]
    name: str = ""
    numbers: Numbers = Numbers.FLOAT
    below: int = 2

    @classmethod
    def parse(cls, text: str) -> "InputSize":
        """Return the argument written as ``[NAME=]SIZES[:int[:N]|:bool]``.

        Raises:
            BackboneError: It is written otherwise, or too large.

        >>> InputSize.parse("tokens=128:int:30522")
        InputSize(sizes=(128,), name='tokens', numbers=<Numbers.INT: 'int'>, below=30522)
        """
        found = _WORDS.fullmatch(text.strip())
        shown = text[:60]
        if found is None:
            raise BackboneError(f'"{shown}" is no input shape. {_HOW}')
        name, sizes, kind, below = (found[group] or "" for group in ("name", "sizes", "kind", "below"))
        if found["name"] is not None and (not name.isidentifier() or keyword.iskeyword(name)):
            raise BackboneError(f'"{shown}" names the argument "{name[:40]}", which can\'t be a name in Python.')
        # A number without sizes, such as a time step, must say so.
        words = [word.strip() for word in sizes.split(",")] if sizes.strip() or not kind else []
        fits = all(re.fullmatch(r"[0-9]{1,5}", word) and 1 <= int(word) <= MAX_SIZE for word in words)
        if not fits or len(words) > MAX_DIMENSIONS:
            raise BackboneError(
                f'"{shown}" is no input shape: it has 1 to {MAX_DIMENSIONS} sizes from 1 to {MAX_SIZE:,}, '
                f"without the batch. {_HOW}"
            )
        shape = tuple(map(int, words))
        if math.prod(shape) > MAX_NUMBERS:
            raise BackboneError(
                f'"{shown}" is an input of {math.prod(shape):,} numbers. It may have up to {MAX_NUMBERS:,}.'
            )
        if kind not in ("", *(numbers.value for numbers in Numbers)):
            raise BackboneError(f'"{shown}" asks for numbers of the kind "{kind[:20]}". Choose float, int or bool.')
        if below and (kind != Numbers.INT.value or not 1 <= int(below) <= MAX_BELOW):
            raise BackboneError(
                f'"{shown}" limits its numbers to {below}. Only int has a limit, from 1 to {MAX_BELOW:,}. {_HOW}'
            )
        return cls(shape, name, Numbers(kind or Numbers.FLOAT.value), int(below or 2))


def parse_inputs(texts: Sequence[str]) -> tuple[InputSize, ...]:
    """Return all arguments of a network, those in order before those by name.

    Raises:
        BackboneError: One can't be read, comes twice, or one in order follows one by name.
    """
    found = tuple(map(InputSize.parse, texts))
    names = [each.name for each in found]
    given = [name for name in names if name]
    twice = next((name for name in given if given.count(name) > 1), None)
    if twice is not None:
        raise BackboneError(f'The input "{twice[:40]}" is given twice. Give each argument one --input.')
    if "" in names[names.index(given[0]) :] if given else False:
        raise BackboneError(f'An input without a name follows "{given[0][:40]}". Give those in order first.')
    return found
