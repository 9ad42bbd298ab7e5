"""The one place where a command sets variables of its own process."""

import os
from collections.abc import Mapping


def set_for_this_process(values: Mapping[str, str]) -> None:
    """Set environment variables, before anything reads them.

    Pages, drawn data sets and the hosts and workers that are started from here read their settings from the
    environment; an option of a command must reach all of them, and processes inherit nothing else.

    Args:
        values: Name → value.
    """
    os.environ.update(values)
