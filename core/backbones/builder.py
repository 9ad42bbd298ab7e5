"""The Python expression that makes a known network, and nothing else."""

import ast
from dataclasses import dataclass
from typing import Final

from core.backbones.torchvision_functions import (
    DECIMALS,
    FORMER_WEIGHTS,
    PROGRESS,
    SEGMENTATION,
    WEIGHTS,
    WHOLE_NUMBERS,
    is_known,
)
from core.errors import BackboneError

SMALL_FUNCTION = "small_residual"
# Our own functions, each with the file of ``core.networks`` that defines it; they return a list of blocks.
OWN_FUNCTIONS = {SMALL_FUNCTION: "small.py", "thin_vgg16": "thin_vgg.py"}
_MAX_LENGTH: Final = 300
_SHOWN: Final = 80

Argument = tuple[str, int | float | bool | None]


@dataclass(frozen=True, slots=True)
class Builder:
    """One call with literal keyword arguments, and perhaps an attribute of its result.

    It may come from a file that somebody else wrote, and goes into the source that users download
    and run. So it names a function of a fixed list; no argument can choose weights, which would be
    downloaded: those arguments are None, whatever was written; and no number is large enough to
    fill the memory.

    Args:
        function: ``small_residual``, ``thin_vgg16``, or one of ``core.backbones.torchvision_functions``.
        arguments: Keyword → literal, in the order written.
        part: Attribute of the network that is the backbone, such as ``backbone``; may be empty.

    Raises:
        BackboneError: The function is not on the list, or an argument is unknown or out of range.
    """

    function: str
    arguments: tuple[Argument, ...] = ()
    part: str = ""

    def __post_init__(self) -> None:
        if self.function not in OWN_FUNCTIONS and not is_known(self.function):
            raise _unknown(self.function)
        if self.part and not (self.part.isascii() and self.part.isidentifier() and not self.part.startswith("_")):
            raise _unknown(f"{self.function}().{self.part}")
        names = [name for name, _ in self.arguments]
        if len({*names}) != len(names):
            raise BackboneError(f"{self.function}(…) has an argument twice. Write every argument once.")
        arguments = tuple(
            _checked(self.function, name, value) for name, value in self.arguments if name not in FORMER_WEIGHTS
        )
        # Segmentation networks fetch the weights of their backbone unless they are told not to.
        if self.function.startswith(f"{SEGMENTATION}.") and "weights_backbone" not in names:
            arguments = (*arguments, ("weights_backbone", None))
        object.__setattr__(self, "arguments", arguments)

    @classmethod
    def parse(cls, text: str) -> "Builder":
        """Return the builder written in ``text``.

        Raises:
            BackboneError: It is anything else than such a call.

        >>> Builder.parse("torchvision.models.resnet18(num_classes=10)").function
        'torchvision.models.resnet18'
        >>> str(Builder.parse("torchvision.models.resnet18(weights='DEFAULT')"))
        'torchvision.models.resnet18(weights=None)'
        """
        try:
            tree = ast.parse(text, mode="eval").body if len(text) <= _MAX_LENGTH else None
            found = None if tree is None else _read(tree)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            found = None
        if found is None:
            raise _unknown(text)
        function, arguments, part = found
        return cls(function, arguments, part)

    def __str__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.arguments)
        return f"{self.function}({arguments})" + (f".{self.part}" if self.part else "")

    @property
    def name(self) -> str:
        """The function without its package."""
        return self.function.rpartition(".")[2]

    @property
    def is_segmentation(self) -> bool:
        """Whether it is one of torchvision's segmentation networks."""
        return self.function.startswith(f"{SEGMENTATION}.")

    @property
    def is_small(self) -> bool:
        """Whether it is this project's own small residual net."""
        return self.function == SMALL_FUNCTION

    @property
    def is_own(self) -> bool:
        """Whether it is one of this project's own, which return a list of blocks."""
        return self.function in OWN_FUNCTIONS


def _checked(function: str, name: str, value: object) -> Argument:
    """Return one argument as it is passed on."""
    if name in WEIGHTS:
        return name, None
    if name == PROGRESS:
        return name, False
    if name in WHOLE_NUMBERS or name in DECIMALS:
        low, high = WHOLE_NUMBERS[name] if name in WHOLE_NUMBERS else DECIMALS[name]
        if value is None:
            return name, None
        number = isinstance(value, int) or (isinstance(value, float) and name in DECIMALS)
        if isinstance(value, int | float) and number and low <= value <= high:
            return name, value
        words = "a whole number" if name in WHOLE_NUMBERS else "a number"
        raise BackboneError(
            f"{function}({name}={_short(repr(value))}) can't be made: {name} is {words} from {low:,} to {high:,}. "
            "Choose one in that range."
        )
    raise BackboneError(
        f"{function}(…) has the argument {_short(name)}, which a builder may not have. "
        f"Choose from {', '.join([*WHOLE_NUMBERS, *DECIMALS])}."
    )


def _read(tree: ast.expr) -> tuple[str, tuple[Argument, ...], str] | None:
    part = ""
    if isinstance(tree, ast.Attribute):
        part, tree = tree.attr, tree.value
    if not isinstance(tree, ast.Call) or tree.args:
        return None
    function = _dotted(tree.func)
    if not function:
        return None
    arguments: list[Argument] = []
    for keyword in tree.keywords:
        value = keyword.value.value if isinstance(keyword.value, ast.Constant) else ...
        if keyword.arg is None or not (value is None or isinstance(value, int | float | str)):
            return None
        # A text is no value of any argument but those of weights, which become None.
        arguments.append((keyword.arg, value))  # type: ignore[arg-type]
    return function, tuple(arguments), part


def _dotted(tree: ast.expr) -> str:
    if isinstance(tree, ast.Name):
        return tree.id
    if isinstance(tree, ast.Attribute):
        before = _dotted(tree.value)
        return f"{before}.{tree.attr}" if before else ""
    return ""


def _unknown(text: str) -> BackboneError:
    return BackboneError(
        f"{_short(repr(text))} does not make a known network. Write torchvision.models.resnet18() or "
        "small_residual(width=8), with literal keyword arguments only; other networks of torchvision are named alike."
    )


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
