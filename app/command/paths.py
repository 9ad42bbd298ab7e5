"""``branchwise paths``: the exits of a multi-path network, and what each path costs."""

from typing import TYPE_CHECKING, Any

import click

from app.command.backbone import DEFAULT, read_arguments
from app.command.output import json_option, say, write_json
from core.backbones.input_size import parse_inputs
from core.errors import BackboneError

if TYPE_CHECKING:
    from core.families.multipath.exits import Exit


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
@json_option
def paths(
    *,
    function: str | None,
    preset: str | None,
    names: str | None,
    arguments: str,
    sizes: tuple[str, ...],
    as_json: bool,
) -> None:
    """Print what each path of a multi-path network holds and computes.

    Shares are of the last path. Heads are not counted. The paper also counts what runs beside a path in the
    residual block that it leaves, such as a shortcut: that reading stands beside.
    """
    found = _of_preset(preset, function, names) if preset else _of_function(function, names, arguments, sizes)
    if as_json:
        write_json({"exits": [_document(each, found[-1]) for each in found]})
    else:
        say("\n".join(_lines(found)))


def _of_preset(preset: str, function: str | None, names: str | None) -> tuple["Exit", ...]:
    if function or names:
        raise BackboneError("A preset brings its network and its exits. Leave MODULE:FUNCTION and --exits away.")
    from core.families.multipath.ladder import preset_ladder

    return preset_ladder(preset).exits


def _of_function(function: str | None, names: str | None, arguments: str, sizes: tuple[str, ...]) -> tuple["Exit", ...]:
    if not function or not names:
        raise BackboneError(
            "Name a network and its exits, as in torchvision.models:resnet18 --exits layer3,layer4, or give a --preset."
        )
    shapes, keywords = parse_inputs(sizes or DEFAULT), read_arguments(arguments)

    from core.families.multipath.ladder import ladder
    from core.networks.example import drawn_inputs
    from core.networks.named import made_network

    wanted = [name.strip() for name in names.split(",") if name.strip()]
    return ladder(made_network(function, keywords), drawn_inputs(shapes), wanted).exits


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


def _lines(exits: tuple["Exit", ...]) -> list[str]:
    rows = [("exit", "parameters", "share", "MACs", "share, as published", "MACs, as published")]
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
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    return ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]
