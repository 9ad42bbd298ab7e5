"""``branchwise affinity``: affinities from per-sample losses, with their intervals."""

from pathlib import Path

import click
import numpy as np

from app.command.output import aligned, json_option, say, write_json
from core.affinity.recombined import RecombinedLosses
from core.affinity.resampling import certainty, resampled_affinities, varied
from core.affinity.tensor_file import read_losses
from core.affinity.tournament import Array, Eigenvector
from core.affinity.tournament import affinity as of_losses
from core.errors import AffinityError


@click.command()
@click.argument("losses", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, required=True)
@click.option(
    "--eigenvector",
    type=click.Choice([str(kind) for kind in Eigenvector]),
    default=str(Eigenvector.AHP),
    show_default=True,
    help="Of the ratios of wins (AHP), or of the raw wins.",
)
@json_option
def affinity(losses: tuple[Path, ...], eigenvector: str, as_json: bool) -> None:
    """Print the affinity tensor of LOSSES.npz: losses[depth, target, source, sample].

    Give a file for each seed: 90 % intervals of one are over its samples alone, and other seeds may lie outside.
    """
    kind = Eigenvector(eigenvector)
    seeds, named = zip(*(_checked(path, kind) for path in losses), strict=True)
    if strange := [path for path, seed in zip(losses, seeds, strict=True) if seed.shape != seeds[0].shape]:
        raise AffinityError(
            f"{losses[0].name} and {strange[0].name} have losses of shape {list(seeds[0].shape)} and "
            f"{list(seeds[losses.index(strange[0])].shape)}. Give files of the same depths, tasks and samples, one for "
            "each seed."
        )
    for place, path in enumerate(losses):
        if twice := [other for other in range(place) if np.array_equal(seeds[other], seeds[place])]:
            raise AffinityError(
                f"{losses[twice[0]].name} and {path.name} hold the same losses, which say nothing of how seeds differ. "
                "Give the file of each seed once."
            )
    called = {tasks: path.name for path, tasks in zip(losses, named, strict=True) if tasks}
    if len(called) > 1:
        raise AffinityError(
            f"{' and '.join(list(called.values())[:2])} name their tasks differently. Bring them into one order."
        )
    tasks = next(iter(called), ())
    names = tasks or tuple(f"task {place}" for place in range(seeds[0].shape[1]))
    found = RecombinedLosses(names, tuple(range(len(seeds))), np.stack(seeds).astype(np.float32))
    tensor = found.affinity(kind)
    ends = certainty(tensor, resampled_affinities(found, rng=np.random.default_rng(0), eigenvector=kind))
    if as_json:
        write_json(
            {
                "affinity": tensor.tolist(),
                "low": ends.low.tolist(),
                "high": ends.high.tolist(),
                "interval_of": varied(len(seeds)),
                "seeds": len(seeds),
                **({"tasks": tasks} if tasks else {}),
            }
        )
        return
    for depth, table in enumerate(tensor):
        say(f"depth {depth}")
        shown = tasks or tuple(map(str, range(len(table))))
        rows = zip(shown, table, ends.low[depth], ends.high[depth], strict=True)
        say(aligned(["", *shown], [[task, *map(_cell, *row)] for task, *row in rows]))
    say(f"In brackets: 90 % intervals over {varied(len(seeds))}.")


def _checked(path: Path, kind: Eigenvector) -> tuple[Array, tuple[str, ...]]:
    found, tasks = read_losses(path)
    of_losses(found, kind)  # names the place of what is missing
    return found, tasks


def _cell(value: float, low: float, high: float) -> str:
    return f"{value:.4f} [{low:.4f}, {high:.4f}]"
