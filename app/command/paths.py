"""``branchwise paths``: the exits of a multi-path network, and what each path costs."""

from typing import TYPE_CHECKING, Any

import click

from app.command.backbone import DEFAULT, read_arguments
from app.command.given import given
from app.command.number_types import Whole
from app.command.output import json_option, say, write_json
from core.backbones.input_size import parse_inputs
from core.errors import BackboneError
from core.families.multipath.timing_run import MOST_REPEATS

if TYPE_CHECKING:
    from core.families.multipath.exits import Exit
    from core.families.multipath.ladder import Ladder

MOST_THREADS = 256


@click.command()
@click.argument("function", metavar="MODULE:FUNCTION", required=False)
@click.option("--preset", help="Exits as the paper places them: resnet18-5, resnet18-3 or mobilenetv2-0.5-3.")
@click.option("--exits", "names", metavar="NAME,NAME,…", help="Modules behind which paths leave, from the input on.")
@click.option("--args", "arguments", default="{}", metavar="JSON", help="Keyword arguments of the function.")
@click.option(
    "--input",
    "sizes",
    multiple=True,
    metavar="[NAME=]SIZES[:int:N|:bool]",
    help="Shape of one input, without the batch; once for each argument.  [default: 3,224,224]",
)
@click.option("--time", "timed", is_flag=True, help="Measure the milliseconds of each path on this machine.")
@click.option("--repeats", type=Whole(1, MOST_REPEATS), help="Runs of each path with --time.  [default: 20]")
@click.option("--threads", "n_threads", type=Whole(1, MOST_THREADS), help="Threads of torch with --time.  [default: 1]")
@json_option
def paths(
    *,
    function: str | None,
    preset: str | None,
    names: str | None,
    arguments: str,
    sizes: tuple[str, ...],
    timed: bool,
    repeats: int | None,
    n_threads: int | None,
    as_json: bool,
) -> None:
    """Print what each path of a multi-path network holds and computes.

    Shares are of the last path. Heads are not counted. The paper also counts what runs beside a path in the
    residual block that it leaves, such as a shortcut: that reading stands beside. Times are medians for one input,
    with random weights; the paths are run in turn.
    """
    if not timed and (repeats is not None or n_threads is not None):
        raise BackboneError("--repeats and --threads belong to --time. Add it, or leave them out.")
    found = _of_preset(preset) if preset is not None else _of_function(function, names, arguments, sizes)
    exits = found.exits
    document: dict[str, Any] = {"exits": [_document(each, exits[-1]) for each in exits]}
    seconds: list[float] | None = None
    if timed:
        seconds, document["timed"] = _timed(found, repeats, n_threads)
        for each, second in zip(document["exits"], seconds, strict=True):
            each["seconds"] = second
    if as_json:
        write_json(document)
    else:
        say("\n".join(_lines(exits, seconds)))
        if timed:
            how = document["timed"]
            say(
                f"Times: medians of {how['repeats']} runs of each path on one input, {how['threads']} "
                f"thread{'' if how['threads'] == 1 else 's'}, on {how['machine']}."
            )


def _timed(found: "Ladder", repeats: int | None, n_threads: int | None) -> tuple[list[float], dict[str, Any]]:
    from core.families.multipath.timing import ladder_seconds
    from core.training.environment import machine, threads

    repeats, n_threads = 20 if repeats is None else repeats, 1 if n_threads is None else n_threads
    with threads(n_threads):
        seconds = ladder_seconds(found, repeats=repeats)
    assert seconds is not None
    return seconds, {"repeats": repeats, "threads": n_threads, "machine": machine()}


def _of_preset(preset: str) -> "Ladder":
    if idle := given("function", "names", "arguments", "sizes"):
        raise BackboneError(f"A preset brings its network, its exits and its pictures. Leave {' and '.join(idle)} out.")
    from core.families.multipath.ladder import preset_ladder

    return preset_ladder(preset)


def _of_function(function: str | None, names: str | None, arguments: str, sizes: tuple[str, ...]) -> "Ladder":
    if not function or not names:
        raise BackboneError(
            "Name a network and its exits, as in torchvision.models:resnet18 --exits layer3,layer4, or give a --preset."
        )
    shapes, keywords = parse_inputs(sizes or DEFAULT), read_arguments(arguments)

    from core.families.multipath.ladder import ladder
    from core.networks.example import drawn_inputs
    from core.networks.named import made_network

    wanted = [name.strip() for name in names.split(",") if name.strip()]
    return ladder(made_network(function, keywords), drawn_inputs(shapes), wanted)


def _document(one: "Exit", last: "Exit") -> dict[str, Any]:
    return {
        "name": one.name,
        "params": one.params,
        "share": one.params / last.params,
        "macs": one.macs,
        "params_published": one.published_params,
        "share_published": one.published_params / last.published_params,
        "macs_published": one.published_macs,
        "output_shape": list(one.output_shape),
    }


def _lines(exits: tuple["Exit", ...], seconds: list[float] | None = None) -> list[str]:
    rows: list[tuple[str, ...]] = [("exit", "parameters", "share", "MACs", "share, as published", "MACs, as published")]
    rows += [
        (
            one.name,
            f"{one.params:,}",
            f"{100 * one.params / exits[-1].params:.1f} %",
            f"{one.macs:,}",
            f"{100 * one.published_params / exits[-1].published_params:.1f} %",
            f"{one.published_macs:,}",
        )
        for one in exits
    ]
    if seconds is not None:
        rows = [
            (*row, time) for row, time in zip(rows, ["ms", *(f"{1000 * each:.3f}" for each in seconds)], strict=True)
        ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]
