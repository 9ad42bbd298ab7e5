"""Types of numbers on the command line: Python reads ``1_0`` as ten, which no person means by it."""

import re
from typing import Any, Final

import click

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,40}")


class Whole(click.IntRange):
    """A whole number, within limits where there are any."""

    def _describe_range(self) -> str:
        return "" if self.min is self.max is None else super()._describe_range()

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Return the number that a text is."""
        _check(self, value, param, ctx)
        if isinstance(value, str) and not _WHOLE.fullmatch(value.strip()):
            self.fail(f"{value[:40]!r} is no whole number. Write digits only.", param, ctx)
        return super().convert(value, param, ctx)


class Number(click.FloatRange):
    """A number, within limits where there are any."""

    def _describe_range(self) -> str:
        return "" if self.min is self.max is None else super()._describe_range()

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Return the number that a text is."""
        _check(self, value, param, ctx)
        try:
            float(value)
        except ValueError:
            self.fail(f"{value[:40]!r} is no number. Write digits only, with a point before decimals.", param, ctx)
        return super().convert(value, param, ctx)


def _check(
    kind: "click.ParamType[Any]", value: object, param: click.Parameter | None, ctx: click.Context | None
) -> None:
    if isinstance(value, str) and "_" in value:
        kind.fail(f"{value[:40]!r} is no number. Write digits only.", param, ctx)
