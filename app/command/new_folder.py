"""A folder on the command line into which a command writes."""

from pathlib import Path
from typing import Any

import click


class NewFolder(click.Path):
    """A folder to write to; an empty text, which would be the folder where one is, is refused."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Return the path that a text is."""
        if not str(value).strip():
            self.fail("The name is empty. Give one, or . for the folder where you are.", param, ctx)
        return super().convert(value, param, ctx)
