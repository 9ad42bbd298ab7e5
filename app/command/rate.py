"""``branchwise rate``: a learning rate for a study, from one short training."""

from dataclasses import asdict
from pathlib import Path

import click

from app.command.number_types import Whole
from app.command.output import aligned, json_option, say, write_json
from app.command.reading import ReadingLine
from core.own_code.permission import permitted
from core.studies.specification import read_study

STEPS, LEAST, MOST = 150, 20, 2000
# So many rows show the form of the curve.
_ROWS = 15


@click.command()
@click.argument("study", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--steps", type=Whole(LEAST, MOST), default=STEPS, show_default=True, help="Steps of the training.")
@click.option("--seed", type=Whole(0, 2**31 - 1), default=0, show_default=True, help="Of initial weights and orders.")
@json_option
def rate(study: Path, steps: int, seed: int, as_json: bool) -> None:
    """Suggest a learning rate for STUDY.toml from one short training, whose rate rises until the loss goes up.

    The network is the one in which all tasks share all blocks. Nothing is stored.
    """
    specification = read_study(study)
    from core.training.rate_finder import find_rate

    with permitted((study.parent.resolve(), Path.cwd())):
        found = find_rate(
            specification,
            steps=steps,
            seed=seed,
            base=study.parent,
            progress=ReadingLine(quiet=as_json, doing="Training", what="steps"),
        )
    if as_json:
        write_json(asdict(found))
        return
    every = max(len(found.rates) // _ROWS, 1)
    rows = [
        [f"{one:.1e}", f"{loss:.4g}"] for one, loss in zip(found.rates[::every], found.losses[::every], strict=True)
    ]
    say(aligned(["learning rate", "loss"], rows))
    say(f"\nThe loss is lowest at {found.lowest:.1e}. Suggested: learning_rate = {found.suggested:g}")
