"""``branchwise layouts``: how many ways of sharing there are."""

import click

from app.command.number_types import Whole
from app.command.output import json_option, say, write_json
from core.layouts.counting import count_layouts

MOST_TASKS = 40
MOST_BLOCKS = 200


@click.group()
def layouts() -> None:
    """Count the ways of sharing layers."""


@layouts.command()
@click.option("--tasks", type=Whole(1, MOST_TASKS), required=True, help="Number of tasks T.")
@click.option("--blocks", type=Whole(1, MOST_BLOCKS), required=True, help="Number of blocks B.")
@json_option
def count(tasks: int, blocks: int, as_json: bool) -> None:
    """Print the number of layouts, exactly."""
    found = str(count_layouts(tasks, blocks))
    if as_json:
        write_json({"count": found})
    else:
        say(found)
