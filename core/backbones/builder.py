"""The Python expression that makes a known network, and nothing else."""

import ast
from dataclasses import dataclass

from core.errors import BackboneError

SMALL_FUNCTION = "small_residual"
# Our own functions, each with the file of ``core.networks`` that defines it; they return a list of blocks.
OWN_FUNCTIONS = {SMALL_FUNCTION: "small.py", "thin_vgg16": "thin_vgg.py"}
_TORCHVISION = ("torchvision.models.", "torchvision.models.segmentation.")
_MAX_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Builder:
    """One call with literal keyword arguments, and perhaps an attribute of its result.

    Args:
        function: ``small_residual``, ``thin_vgg16``, or a function of ``torchvision.models``.
        arguments: Keyword → literal, in the order written.
        part: Attribute of the network that is the backbone, such as ``backbone``; may be empty.
    """

    function: str
    arguments: tuple[tuple[str, int | float | bool | str | None], ...] = ()
    part: str = ""

    @classmethod
    def parse(cls, text: str) -> "Builder":
        """Return the builder written in ``text``.

        The text goes into the source that users download and run, and may come from a file
        that somebody else wrote: so everything but this one form is refused.

        Raises:
            BackboneError: It is anything else than such a call.

        >>> Builder.parse("torchvision.models.resnet18(num_classes=10)").function
        'torchvision.models.resnet18'
        """
        try:
            found = _read(ast.parse(text, mode="eval").body) if len(text) <= _MAX_LENGTH else None
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            found = None
        if found is None:
            raise BackboneError(
                f"{text[:80]!r} does not make a known network. Write torchvision.models.resnet18() "
                "or small_residual(width=8), with literal keyword arguments only."
            )
        return found

    def __str__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.arguments)
        return f"{self.function}({arguments})" + (f".{self.part}" if self.part else "")

    @property
    def is_small(self) -> bool:
        """Whether it is this project's own small residual net."""
        return self.function == SMALL_FUNCTION

    @property
    def is_own(self) -> bool:
        """Whether it is one of this project's own, which return a list of blocks."""
        return self.function in OWN_FUNCTIONS


def _read(tree: ast.expr) -> Builder | None:
    part = ""
    if isinstance(tree, ast.Attribute):
        part, tree = tree.attr, tree.value
    if not isinstance(tree, ast.Call) or tree.args or part.startswith("_"):
        return None
    function = _dotted(tree.func)
    package, _, last = function.rpartition(".")
    known = function in OWN_FUNCTIONS or (
        f"{package}." in _TORCHVISION and last.isidentifier() and not last.startswith("_")
    )
    arguments: list[tuple[str, int | float | bool | str | None]] = []
    for keyword in tree.keywords:
        value = keyword.value.value if isinstance(keyword.value, ast.Constant) else ...
        if keyword.arg is None or not (value is None or isinstance(value, int | float | str)):
            return None
        arguments.append((keyword.arg, value))
    return Builder(function, tuple(arguments), part) if known else None


def _dotted(tree: ast.expr) -> str:
    if isinstance(tree, ast.Name):
        return tree.id
    if isinstance(tree, ast.Attribute):
        before = _dotted(tree.value)
        return f"{before}.{tree.attr}" if before else ""
    return ""
