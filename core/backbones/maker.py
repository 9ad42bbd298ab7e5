"""How its owner named a network that only the owner can make: text, which is never imported where it is read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from core.backbones.foreign_call import check_own, foreign_call
from core.errors import BackboneError

Plain = int | float | bool | str | None
_MAX_LENGTH: Final = 200
_MAX_ARGUMENTS: Final = 50
_FILES: Final = (".npz", ".npy")
_WORD: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")


@dataclass(frozen=True, slots=True)
class Maker:
    """What ``branchwise backbone`` was given.

    A profile may come from somebody else, and this goes into a script that its reader runs. So the function is one of
    the reader's own, and none of Python or of a package, which could run commands or fetch files; those of torchvision
    and timm that only make a network may be named, and their weights are left out. Arguments hold numbers and single
    words, but no path or address. The names of other arguments are kept without their values.

    Args:
        function: ``MODULE:FUNCTION``.
        arguments: Keyword and value of each.
        withheld: Keywords whose values are not kept.
        part: Path of the submodule that is the backbone; the whole network if empty.
        head: Where the head starts: ``auto``, ``none`` or a module's path.
        inputs: Shapes of the inputs, as in ``3,224,224``.
        example: File or ``MODULE:FUNCTION`` of the inputs, instead of shapes.

    Raises:
        BackboneError: The function is no ``MODULE:FUNCTION`` that a file may name, or an argument can't be kept.
    """

    function: str
    arguments: tuple[tuple[str, Plain], ...] = ()
    withheld: tuple[str, ...] = ()
    part: str = ""
    head: str = "auto"
    inputs: tuple[str, ...] = ()
    example: str = ""

    def __post_init__(self) -> None:
        if self.example_function:
            check_own(self.example_function)
        names = [*(name for name, _ in self.arguments), *self.withheld]
        strange = next((name for name in names if len(name) > _MAX_LENGTH or not name.isidentifier()), None)
        if strange is not None or len({*names}) != len(names) or len(names) > _MAX_ARGUMENTS:
            raise BackboneError(
                f"{self.function} is given the arguments {', '.join(names)[:80]}. There are at most {_MAX_ARGUMENTS}, "
                "each named once as in Python."
            )
        for name, value in self.arguments:
            if not is_plain(value):
                raise BackboneError(
                    f"{self.function} is given {name[:40]}={str(value)[:40]!r}, which no profile keeps. "
                    "Write numbers and single words only."
                )
        object.__setattr__(self, "arguments", foreign_call(self.function, self.arguments))
        for text in (self.part, self.head, self.example, *self.inputs):
            if len(text) > _MAX_LENGTH or not text.isprintable():
                raise BackboneError(
                    f"{self.function} is given {text[:40]!r}. Write one line of at most {_MAX_LENGTH} letters."
                )

    @property
    def example_function(self) -> str:
        """``MODULE:FUNCTION`` of the inputs; empty where they are a file, or shapes."""
        is_file = self.example.lower().endswith(_FILES)
        return "" if is_file or ":" not in self.example else self.example

    @classmethod
    def given(cls, function: str, arguments: Mapping[str, object], **more: Any) -> "Maker | None":  # noqa: ANN401
        """Return how a network was named, with the arguments that can be kept; None where nothing can."""
        kept = tuple((name, value) for name, value in arguments.items() if is_plain(value))
        withheld = tuple(name for name, value in arguments.items() if not is_plain(value))
        try:
            return cls(function, kept, withheld, **more)
        except BackboneError:
            return None


def is_plain(value: object) -> TypeGuard[Plain]:
    """Return whether it is a number, true, false, nothing, or a single word."""
    if isinstance(value, str):
        return _WORD.fullmatch(value) is not None
    return value is None or (isinstance(value, int | float) and abs(value) < 2**53)
