from typing import Any

import click

from app.command.given import given
from app.command.number_types import Number, Whole
from app.command.output import json_option, say, write_json
from app.command.virtual_levels import MOST_SIDE, MOST_THREADS, levels_of
from core.backbones.division import Division
from core.errors import BackboneError, FamilyError
from core.families.virtual.orders import Orders, orders_of
from core.families.virtual.timing_run import MOST_PICTURES, MOST_REPEATS
from core.families.virtual.totals import densities, gradient_totals


@click.command()
@click.option("--tasks", type=Whole(), help="Number of tasks T.")
@click.option("--units", type=Whole(), help="Number of units k of each layer, which is the number of levels.")
@click.option(
    "--order",
    type=click.Choice(["nearest", "cyclic"]),
    default="nearest",
    show_default=True,
    help="Which unit a task adds on each level: from its own outwards, or round.",
)
@click.option("--base", type=Number(), default=0.0, show_default=True, help="Share of the channels in every level.")
@click.option(
    "--backbone",
    metavar="NAME",
    help="Count a network instead: wrn32 and the like, small-residual, or torchvision:resnet18.",
)
@click.option("--width", type=Whole(), help="Factor of channels of wrn32, or channels of small-residual's first block.")
@click.option("--size", type=Whole(1, MOST_SIDE), help="Height and width of its pictures.  [default: 32]")
@click.option("--time", "timed", is_flag=True, help="Measure the milliseconds of each level on this machine.")
@click.option("--batch", type=Whole(1, MOST_PICTURES), help="Pictures at once with --time.  [default: 1]")
@click.option("--repeats", type=Whole(1, MOST_REPEATS), help="Runs of each level with --time.  [default: 20]")
@click.option("--threads", "n_threads", type=Whole(1, MOST_THREADS), help="Threads of torch with --time.  [default: 1]")
@json_option
def virtual(
    *,
    tasks: int | None,
    units: int | None,
    order: str,
    base: float,
    backbone: str | None,
    width: int | None,
    size: int | None,
    timed: bool,
    batch: int | None,
    repeats: int | None,
    n_threads: int | None,
    as_json: bool,
) -> None:
    """Print the orders of units of T tasks, how often each piece of a layer is learned, and how large levels are.

    A piece goes from one unit to another; how many (task, level) networks use it is the number of gradients it gets in
    a step. Densities count convolutions only, without heads, norms and the first one.

    With --backbone the parameters of the whole plain network are printed, without its head; with --units also what
    each level holds and computes. Times are medians for one batch, with random weights; the levels are run in turn.
    """
    if not timed and (idle := given("batch", "repeats", "n_threads")):
        raise BackboneError(f"{' and '.join(idle)} belong to --time. Add it, or leave them out.")
    if backbone is None and width is None:
        if idle := given("size", "timed"):
            raise FamilyError(f"{' and '.join(idle)} say nothing without a network. Name one with --backbone.")
        if tasks is None or units is None:
            raise FamilyError("Give --tasks and --units, or --backbone and --width.")
        # No order but these two can be given here: an affinity has its own command.
        orders = orders_of("cyclic" if order == "cyclic" else "nearest", tasks, units)
        document = _document(orders, base)
        lines = _lines(orders, document)
    elif units is None:
        if idle := given("tasks", "order", "base", "size", "timed"):
            raise FamilyError(
                f"{' and '.join(idle)} say nothing of a plain network. Give --tasks and --units, or --backbone and "
                "--width, not both; --backbone with --units prints its levels."
            )
        from core.networks.named_blocks import named_params

        params = named_params(backbone, width)
        document, lines = {"params": params}, [_plain(backbone, width, params)]
    else:
        if idle := given("tasks", "order"):
            raise FamilyError(
                f"{' and '.join(idle)} say nothing of the levels of a network. Give --tasks and --units, or "
                "--backbone and --units, not both."
            )
        found = levels_of(backbone, width, Division(units, base), size or 32)
        if timed:
            found = found.timed(batch=batch or 1, repeats=repeats or 20, n_threads=n_threads or 1)
        document, lines = found.document(), [_plain(backbone, width, found.params[-1]), "", *found.lines()]
    if as_json:
        write_json(document)
    else:
        say("\n".join(lines))


def _plain(backbone: str | None, width: int | None, params: int) -> str:
    of = "" if width is None else f" of width {width}"
    return f"{backbone}{of} has {params:,} parameters without its head."


def _document(orders: Orders, base: float) -> dict[str, Any]:
    grid = gradient_totals(orders)
    return {
        "orders": [list(order) for order in orders],
        "unit_totals": grid.diagonal().tolist(),
        "grid": grid.tolist(),
        "densities": densities(len(orders[0]), base).tolist(),
    }


def _lines(orders: Orders, found: dict[str, Any]) -> list[str]:
    size = len(str(max(found["unit_totals"])))
    return [
        "Units in the order in which each task takes them:",
        *(f"  task {task}: {', '.join(map(str, order))}" for task, order in enumerate(orders)),
        f"Networks that use each unit: {', '.join(map(str, found['unit_totals']))}",
        "Networks that use each piece, from the unit of the column to that of the row:",
        *("  " + " ".join(str(total).rjust(size) for total in row) for row in found["grid"]),
        "Share of a convolution's parameters on each level: "
        + ", ".join(f"{density:.4g}" for density in found["densities"]),
    ]
