"""The blocks of a traced network as readable source that runs without this project.

``python -m core.networks.block_source`` reads a backbone as JSON and writes the source as JSON, for
processes without torch.
"""

import ast
import builtins
import importlib
import inspect
import json
import pprint
import re
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Final

import torch
from torch import fx, nn

from core.backbones.source import BlockSource, definition, import_lines
from core.backbones.source_text import MADE_FROM, MADE_FROM_IMPORTS, PIECES, START
from core.errors import BackboneError, BranchwiseError
from core.networks.outputs import bundle
from core.networks.recorder import after
from core.networks.recording import by_mode
from core.networks.study_blocks import blocks_of
from core.networks.written_network import WrittenNetwork, written_network
from core.own_code.permission import permitted
from core.studies.specification import BackboneSpecification

# Functions of this project that a recorded graph may call: they go into the source.
_OWN: Final = (after, by_mode, bundle)
# What the source of a block may import from.
_PACKAGES: Final = frozenset({"torch", "torchvision", "math", "operator", "builtins", "collections", "functools"})
NARROWED_FILE: Final = "narrowed.py"
_MAX_CONSTANT: Final = 1000
_WRAP: Final = "torch.fx._symbolic_trace.wrap("
_METHOD: Final = re.compile(r"def forward\(self, x[^)]*\)[^:]*:")


def study_block_source(specification: BackboneSpecification, size: tuple[int, int]) -> BlockSource | None:
    """Return the source of a study's blocks; None for this project's own networks, whose source is known as text.

    Args:
        specification: The backbone.
        size: Height and width of the pictures.

    Raises:
        BackboneError: The backbone can't be made, or runs something that can't be written down.
    """
    if not specification.is_traced:
        return None
    with torch.random.fork_rng(devices=[]):
        blocks, made = blocks_of(specification.without_weights, size), written_network(specification, size)
    return source_of_blocks(blocks, made, shrink=specification.shrinks_stem)


def source_of_blocks(
    blocks: Sequence[nn.Module],
    made: WrittenNetwork,
    *,
    shrink: bool,
    widths: Mapping[str, tuple[int, int]] | None = None,
) -> BlockSource:
    """Return the source of blocks that were cut out of a network, with how that network is made.

    Args:
        blocks: Graph modules, from the input.
        made: The network.
        shrink: Whether its stem was made to keep the size of small pictures.
        widths: As in ``block_source``.

    Raises:
        BackboneError: A block runs something that can't be written down.
    """
    found = block_source(blocks, made.expression, made.network, shrink=shrink, widths=widths, packages=made.packages)
    lines = (*found.imports, *made.imports)
    text = f"{made.definitions}\n\n\n{found.text}" if made.definitions else found.text
    if made.contents:
        # Checked before anything of the author's is imported.
        own = [line for line in lines if _package(line) in made.packages]
        needed = MADE_FROM.substitute(
            contents=pprint.pformat(dict(made.contents), width=110), imports=import_lines(own)
        )
        lines = (*(line for line in lines if line not in own), *MADE_FROM_IMPORTS)
        text = f"{needed}\n\n\n{text}"
    return BlockSource(lines, text, made.start, tuple(sorted(made.packages)))


def _package(line: str) -> str:
    """Return the package that a line imports from."""
    return line.split()[1].partition(".")[0]


def block_source(
    blocks: Sequence[nn.Module],
    builder: str,
    network: nn.Module,
    *,
    shrink: bool = False,
    widths: Mapping[str, tuple[int, int]] | None = None,
    packages: Collection[str] = (),
) -> BlockSource:
    """Return the source of blocks that were cut out of one network.

    Every block becomes a class whose ``forward`` is what was traced; its modules are those of the
    network that ``builder`` makes, called as there, so that trained weights load.

    Args:
        blocks: Graph modules, from the input.
        builder: Python expression that makes the network.
        network: What it makes.
        shrink: Whether its stem was made to keep the size of small pictures.
        widths: Module of the network → channels that come out and go in, where the blocks have fewer.
        packages: Those whose functions the source may call besides torch and torchvision.

    Raises:
        BackboneError: A block runs something that can't be written down.
    """
    imports: set[str] = {"import torch", "import torchvision", "from torch import nn"}
    classes: list[str] = []
    helpers: dict[str, str] = {}
    for number, block in enumerate(blocks):
        if not isinstance(block, fx.GraphModule):
            raise BackboneError(
                f"Block {number} is a {type(block).__name__}, which has no source. Export another backbone."
            )
        code = block.graph.python_code("self")
        own = {name: value for name, value in code.globals.items() if value in _OWN}
        imports |= {
            line for name, value in code.globals.items() if name not in own for line in _import(name, value, packages)
        }
        helpers |= {name: _definition(name, value) for name, value in own.items()}
        classes.append(_class(number, block, network, code.src))
    made = [f"        Block{number}(network)," for number in range(len(blocks))]
    changed = _SHRINK if shrink else ""
    if widths is not None:
        lines, defined = definition(NARROWED_FILE, ("narrowed",))
        imports |= {*lines}
        listed = pprint.pformat(dict(widths), width=110, sort_dicts=False)
        helpers["narrowed"] = f"{defined}\n\n\n# Channels that come out of a layer, and that go in.\nWIDTHS = {listed}"
        changed += "\n    narrowed(network, WIDTHS)"
    text = PIECES.substitute(
        builder=builder,
        shrink=changed,
        classes="\n\n\n".join([*helpers.values(), *classes]),
        made="\n".join(made),
    )
    return BlockSource(tuple(sorted(imports)), text, START)


def _definition(name: str, function: Callable[..., object]) -> str:
    """Return the source of one of this project's functions under the name that a graph calls it by."""
    source = ast.parse(inspect.getsource(function))
    defined = source.body[0]
    assert isinstance(defined, ast.FunctionDef)
    defined.name, defined.returns = name, None
    for argument in (*defined.args.args, *defined.args.kwonlyargs):
        argument.annotation = None
    defined.body = [node for node in defined.body if not _is_text(node)]
    return ast.unparse(source)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


_SHRINK: Final = """
    # Small pictures: the first convolution, and a pooling right behind it, keep their size.
    first = next(module for module in network.modules() if isinstance(module, nn.Conv2d))
    if first.stride != first.kernel_size:
        first.stride = (1, 1)
        if isinstance(getattr(network, "maxpool", None), nn.MaxPool2d):
            network.maxpool = nn.Identity()"""


def _class(number: int, block: fx.GraphModule, network: nn.Module, source: str) -> str:
    # Path in the block → path in the network.
    targets = {
        str(node.target): str(node.meta.get("network_path", node.target))
        for node in block.graph.nodes
        if node.op in ("call_module", "get_attr")
    }
    constants = {}
    for target, path in targets.items():
        # What the tracer added is no part of the network that the builder makes.
        if _found(network, path) is None:
            constants[target] = _constant(target, _found(block, target))
    # Only a tracer needs to be told which functions it should not look into.
    plain = "\n".join(line for line in source.splitlines() if not line.startswith(_WRAP))
    body = _METHOD.sub("def forward(self, x):", plain.strip(), count=1)
    lines = [
        f"class Block{number}(Piece):",
        f"    modules_used = {_listed([path for target, path in targets.items() if target not in constants])}",
    ]
    renamed = {path: target for target, path in targets.items() if path != target}
    if renamed:
        lines.append(f"    renamed = {renamed!r}")
    if constants:
        lines.append("    constants = {")
        lines += [f"        {target!r}: {text}," for target, text in constants.items()]
        lines.append("    }")
    return "\n".join([*lines, "", *(f"    {line}" if line.strip() else "" for line in body.splitlines())])


def _listed(names: Sequence[str]) -> str:
    if not names:
        return "()"
    return "(\n" + "".join(f"        {name!r},\n" for name in names) + "    )"


def _found(module: nn.Module, target: str) -> object:
    """Return the module or tensor at a path; None where there is none."""
    value: object = module
    for part in target.split("."):
        value = getattr(value, part, None)
    return value


def _constant(target: str, value: object) -> str:
    if not isinstance(value, torch.Tensor):
        raise BackboneError(f'"{target}" is no module of the network, so it has no source. Export another backbone.')
    if value.numel() > _MAX_CONSTANT:
        raise BackboneError(
            f'The network holds {value.numel():,} fixed numbers at "{target}", too many for its source. '
            "Export another backbone."
        )
    return f"torch.tensor({value.tolist()!r}, dtype={value.dtype})"


def _import(name: str, value: object, packages: Collection[str]) -> list[str]:
    """Return the line that makes ``name`` be ``value``; none for what needs no import."""
    if name == "inf":
        return ["from math import inf"]
    if name == "nan":
        return ["from math import nan"]
    if name == "NoneType" or value is None:
        return [f"{name} = type(None)"] if name == "NoneType" else []
    if getattr(builtins, name, None) is value:
        return []
    known = {*_PACKAGES, *packages}
    module = getattr(value, "__name__", "") if type(value).__name__ == "module" else getattr(value, "__module__", "")
    last = getattr(value, "__qualname__", getattr(value, "__name__", ""))
    if type(value).__name__ == "module" and module.partition(".")[0] in known:
        return [f"import {module}" if module == name else f"import {module} as {name}"]
    if isinstance(value, torch.device):
        return ["from torch import device"]
    for place in (module, "torch", "torch.nn.functional", "torch._C._nn", "operator"):
        if place and place.partition(".")[0] in known and last.isidentifier():
            try:
                found = getattr(importlib.import_module(place), last, None)
            except ImportError:
                continue
            if found is value:
                return [f"from {place} import {last}" + ("" if last == name else f" as {name}")]
    raise BackboneError(
        f'The network calls "{name[:80]}", which is no function of torch or torchvision, so it can\'t be exported as '
        "one file. Export its weights instead."
    )


def main() -> int:
    """Write the source of the blocks of a backbone; return the exit code."""
    try:
        document = json.loads(sys.stdin.buffer.read())
        specification = BackboneSpecification.model_validate(document["backbone"])
        height, width = document["size"]
        # Folders that the owner of this machine allows the study's code to be imported from.
        with permitted(document.get("code")):
            found = study_block_source(specification, (height, width))
    except BranchwiseError as fault:
        print(fault, file=sys.stderr)
        return 2
    print(json.dumps(None if found is None else asdict(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
