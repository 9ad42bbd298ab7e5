"""Base of a part of a specification that may name code of its author."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from pydantic import BaseModel, Field

from core.own_code.located import located
from core.own_code.reference import Arguments, ArgumentsOfCode
from core.runs.frozen import Extended
from core.value_fault import register

_STATE: Final = register(
    r"^([0-9a-f]{64}|[A-Za-z0-9._-]{1,100} [A-Za-z0-9.+!_-]{1,60})?$",
    "64 hexadecimal digits, or the name and version of a package",
)


class NamesCode(Extended):
    """A part of a specification that may name code of its author.

    Args:
        args: Keyword arguments of the function, as values of JSON.
        code: State of its code; filled in when a study is prepared, and part of the key of every run.
    """

    added: ClassVar[frozenset[str]] = frozenset({"args", "code"})

    args: Arguments = Field(default_factory=ArgumentsOfCode)
    code: str = Field(default="", pattern=_STATE)

    @property
    def reference(self) -> str:
        """``MODULE:FUNCTION`` of its author; empty where it names none."""
        raise NotImplementedError

    @property
    def needs_permission(self) -> str:
        """What is only run where the owner of the machine says so; empty where nothing is."""
        return self.reference

    def with_code(self, roots: Sequence[Path]) -> Self:
        """Return it with the state that its code has now; call it before keys are made.

        Args:
            roots: Folders to look in.

        Raises:
            CodeError: There is no such module.
        """
        if not self.reference or self.code:
            return self
        return self.model_copy(update={"code": located(self.reference, roots).fingerprint})


def code_of(part: object) -> Iterator[NamesCode]:
    """Yield every part of a specification that uses code which needs permission."""
    if isinstance(part, NamesCode) and part.needs_permission:
        yield part
    if isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from code_of(getattr(part, name))
    elif isinstance(part, tuple | list):
        for each in part:
            yield from code_of(each)


def needed_roots(parts: Sequence[NamesCode], roots: Sequence[Path]) -> list[str]:
    """Return the folders that some code is imported from.

    Args:
        parts: Name the code.
        roots: Folders to look in.

    Raises:
        CodeError: There is no such module.
    """
    found = [located(part.reference, roots).root for part in parts if part.reference]
    return [str(root) for root in dict.fromkeys(found) if root is not None]


def permitted_document(parts: Sequence[NamesCode]) -> list[dict[str, Any]]:
    """Return what exactly is permitted: functions, arguments and the state of the code."""
    return [{"names": part.needs_permission, "args": part.args, "code": part.code} for part in parts]
