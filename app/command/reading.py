"""A line on standard error while the files of a large data set are read."""

import sys
import time

import click

from app.command.output import say
from core.plain_text import printable

_PLAIN_SECONDS = 15.0
_LIVE_SECONDS = 0.2
# Before that nobody wonders.
_QUIET_SECONDS = 1.0


class ReadingLine:
    """Says how many files of a data set are read: rewritten on a terminal, printed every 15 seconds elsewhere.

    Args:
        quiet: Whether to say nothing.
        doing: What is being done.
        what: What is counted.
    """

    def __init__(self, *, quiet: bool, doing: str = "Reading the data", what: str = "files") -> None:
        self.quiet, self.live = quiet, sys.stderr.isatty()
        self.doing, self.what = doing, what
        self.next = time.monotonic() + (_QUIET_SECONDS if self.live else _PLAIN_SECONDS)
        self.width = 0

    def __call__(self, done: int, of: int) -> None:
        """Show that ``done`` files ``of`` all are read."""
        now = time.monotonic()
        if not self.quiet and now >= self.next and done < of:
            self.next = now + (_LIVE_SECONDS if self.live else _PLAIN_SECONDS)
            self._show(f"{self.doing}: {done:,} of {of:,} {self.what}")
        elif done == of and self.width:
            say(err=True)
            self.width = 0

    def _show(self, text: str) -> None:
        if not self.live:
            say(text, err=True)
            return
        click.echo("\r" + printable(text).ljust(self.width), nl=False, err=True)
        self.width = len(text)
