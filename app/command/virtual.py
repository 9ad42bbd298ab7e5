"""``branchwise virtual``: what the levels of deep virtual networks use and learn."""

import re
from typing import Any

import click

from app.command.given import given
from app.command.number_types import Number, Whole
from app.command.output import json_option, say, write_json
from core.errors import BackboneError, FamilyError
from core.families.virtual.orders import Orders, orders_of
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
@click.option("--backbone", metavar="wrnDEPTH", help="Count a plain wide residual network instead, such as wrn32.")
@click.option("--width", type=Whole(), help="Its factor of channels.")
@json_option
def virtual(
    tasks: int | None,
    units: int | None,
    order: str,
    base: float,
    backbone: str | None,
    width: int | None,
    as_json: bool,
) -> None:
    """Print the orders of units of T tasks, how often each piece of a layer is learned, and how large levels are.

    A piece goes from one unit to another; how many (task, level) networks use it is the number of gradients it gets in
    a step. Densities count convolutions only, without heads, norms and the first one. With --backbone the parameters
    of the whole plain network are printed, without its head.
    """
    if backbone is not None or width is not None:
        if idle := given("tasks", "units", "order", "base"):
            raise FamilyError(
                f"{' and '.join(idle)} say nothing of a plain network. Give --tasks and --units, or --backbone and "
                "--width, not both."
            )
        _show_params(_plain_params(backbone, width), backbone, width, as_json=as_json)
        return
    if tasks is None or units is None:
        raise FamilyError("Give --tasks and --units, or --backbone and --width.")
    # No order but these two can be given here: an affinity has its own command.
    orders = orders_of("cyclic" if order == "cyclic" else "nearest", tasks, units)
    found = _document(orders, base)
    if as_json:
        write_json(found)
    else:
        say("\n".join(_lines(orders, found)))


def _plain_params(backbone: str | None, width: int | None) -> int:
    depth = re.fullmatch(r"wrn([1-9][0-9]{0,3})", backbone or "")
    if depth is None or width is None:
        found = "no width" if backbone and depth else "no --backbone" if backbone is None else repr(backbone)[:40]
        raise BackboneError(
            f"Name a wide residual network and its width, as in --backbone wrn32 --width 4. Found {found}."
        )
    from core.networks.wide_residual import wide_params

    return wide_params(int(depth[1]), width)


def _show_params(params: int, backbone: str | None, width: int | None, *, as_json: bool) -> None:
    if as_json:
        write_json({"params": params})
    else:
        say(f"{backbone} of width {width} has {params:,} parameters without its head.")


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
