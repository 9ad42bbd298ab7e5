"""``branchwise affinity``: affinities from per-sample losses."""

from pathlib import Path

import click

from app.command.output import aligned, json_option, say, write_json
from core.affinity.tensor_file import read_losses
from core.affinity.tournament import Eigenvector
from core.affinity.tournament import affinity as of_losses


@click.command()
@click.argument("losses", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--eigenvector",
    type=click.Choice([str(kind) for kind in Eigenvector]),
    default=str(Eigenvector.AHP),
    show_default=True,
    help="Of the ratios of wins (AHP), or of the raw wins.",
)
@json_option
def affinity(losses: Path, eigenvector: str, as_json: bool) -> None:
    """Print the affinity tensor of LOSSES.npz: losses[depth, target, source, sample]."""
    tensor = of_losses(read_losses(losses), Eigenvector(eigenvector))
    if as_json:
        write_json({"affinity": tensor.tolist()})
        return
    for depth, table in enumerate(tensor):
        say(f"depth {depth}")
        header = ["", *map(str, range(len(table)))]
        say(aligned(header, [[str(i), *(f"{value:.4f}" for value in row)] for i, row in enumerate(table)]))
