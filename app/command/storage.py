"""``branchwise storage``: what a trunk with k branches saves, in TreeDNN's count of layers."""

import click

from app.command.number_types import Number, Whole
from app.command.output import json_option, number, say, write_json
from core.families.treednn.costs import LayerCount


@click.command()
@click.option("--layers", type=Whole(), required=True, help="Layers L of one dedicated network.")
@click.option("--epsilon", type=Number(), default=0.0, show_default=True, help="Layers between the middle and the cut.")
@click.option("--branches", type=Whole(), required=True, help="Number of branches k.")
@json_option
def storage(layers: int, epsilon: float, branches: int, as_json: bool) -> None:
    """Print the layers that one trunk of L/2 + ε and k branches of L/2 − ε save against k networks of L.

    Layers are TreeDNN's count; parameters differ. The Storage page shows both.
    """
    case = LayerCount(layers, epsilon, branches)
    if as_json:
        write_json({"gain": _whole(case.gain), "relative": case.relative})
        return
    say(
        f"{number(case.gain)} of {number(case.separate)} layers saved, {case.relative:.1%}: a trunk of "
        f"{number(case.trunk)} and {branches} × {number(case.branch)} make {number(case.tree)}."
    )
    say(f"As k grows, the share approaches {case.asymptote:.1%}.")
    if not case.is_whole:
        say("The cut is inside a layer: use an ε that ends in .5 if L is odd.")


def _whole(value: float) -> float | int:
    return int(value) if value.is_integer() else value
