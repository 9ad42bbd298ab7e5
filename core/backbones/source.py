"""A layout as one Python file that runs with torch and torchvision alone. Written without either."""

import ast
import json
from collections.abc import Sequence
from pathlib import Path

import core
from core.backbones.backbone import Backbone
from core.backbones.builder import OWN_FUNCTIONS, Builder
from core.backbones.source_text import SMALL, TRACED, TRACED_IMPORTS, TREE
from core.errors import BackboneError

_FOLDER = Path(core.__file__).parent
_DEFAULT_OUTPUTS = 10


def standalone_source(
    backbone: Backbone,
    partitions: Sequence[Sequence[Sequence[int]]],
    tasks: Sequence[str],
    *,
    outputs: Sequence[int] = (),
    dense: Sequence[bool] = (),
    builder: str = "",
) -> str:
    """Return readable Python source of the network of a layout, with a smoke test at its end.

    The modules are called as in ``TreeNetwork``, so weights saved from one load into the other.

    Args:
        backbone: Blocks with their cuts, as the bundled profiles have them.
        partitions: The layout as nested lists, ``Layout.to_json()``: one partition per block.
        tasks: Names, in index order.
        outputs: Outputs of each task's head; 10 by default.
        dense: Whether each task answers with a map as large as the picture; none by default.
        builder: Makes the network, where the backbone does not say it itself.

    Raises:
        BackboneError: The builder of this backbone or the ends of its blocks are unknown, or the
            numbers of blocks, tasks, outputs and kinds disagree.
    """
    made = Builder.parse(builder or backbone.builder) if builder or backbone.builder else None
    if made is None:
        raise BackboneError(
            f'There is no way to build "{backbone.name}". Use a bundled backbone or a torchvision profile.'
        )
    outputs, dense = outputs or [_DEFAULT_OUTPUTS] * len(tasks), dense or [False] * len(tasks)
    _check(backbone, partitions, tasks, outputs, dense)
    text = TREE.substitute(
        title=_one_line(backbone.name),
        imports=f"import copy\n{_own_definition(made)[0]}" if made.is_own else TRACED_IMPORTS,
        layout=_layout_lines(partitions, backbone),
        tasks=_task_lines(tasks, outputs, dense),
        ends=_ends(backbone, made),
        blocks=_blocks_source(made),
        inputs=_channels(backbone)[0],
        size=tuple(backbone.input_shape[1:]),
        input_shape=tuple(backbone.input_shape),
        pooled=_POOLED[_channels(backbone)[1]],
        maps="x.permute(0, 3, 1, 2)" if _channels(backbone)[1] == "last" else "x",
        params=_total(backbone, partitions),
    )
    ast.parse(text)
    return text


# How a head makes one vector per picture, by where the channels are.
_POOLED = {
    "first": "x.mean(dim=(2, 3))",
    "last": "x.mean(dim=(1, 2))",
    "tokens": "x.mean(dim=1)",
    "vector": "x",
}


def _channels(backbone: Backbone) -> tuple[int, str]:
    shape = backbone.blocks[-1].output_shape
    if len(shape) == 3:
        # Swin and its kin keep channels last: height and width are then the first two.
        last = shape[0] == shape[1] != shape[2]
        return (shape[2], "last") if last else (shape[0], "first")
    if len(shape) in (1, 2):
        return shape[-1], "tokens" if len(shape) == 2 else "vector"
    raise BackboneError(
        f'"{backbone.name}" ends with shape {list(shape)}. Heads are known for one to three dimensions.'
    )


def _check(
    backbone: Backbone,
    partitions: Sequence[Sequence[Sequence[int]]],
    tasks: Sequence[str],
    outputs: Sequence[int],
    dense: Sequence[bool],
) -> None:
    if len(partitions) != backbone.n_blocks:
        raise BackboneError(
            f'The layout has {len(partitions)} blocks, "{backbone.name}" has {backbone.n_blocks}. They should match.'
        )
    members = sorted(task for group in partitions[0] for task in group)
    if members != list(range(len(tasks))) or not len(tasks) == len(outputs) == len(dense):
        raise BackboneError(
            f"The layout has {len(members)} tasks; {len(tasks)} names, {len(outputs)} outputs and {len(dense)} kinds "
            "were given. They should match."
        )
    if any(n < 1 for n in outputs):
        raise BackboneError(f"A head has {min(outputs)} outputs. It should have at least one.")
    if any(dense) and _channels(backbone)[1] in ("tokens", "vector"):
        raise BackboneError(f'"{backbone.name}" hands on no maps, so no head can answer with one. Choose another.')
    if not backbone.input_shape:
        raise BackboneError(f'The profile of "{backbone.name}" has no input_shape. Give one, such as [3, 224, 224].')


def _ends(backbone: Backbone, builder: Builder) -> str:
    cuts = [block.cut for block in backbone.blocks]
    if not all(cuts) and builder.is_small and len(cuts) == _SMALL_BLOCKS:
        cuts = [str(index) for index in range(_SMALL_BLOCKS)]
    usable = all(cut.isdigit() if builder.is_own else cut.isidentifier() for cut in cuts)
    if not usable:
        raise BackboneError(
            f'The profile of "{backbone.name}" does not say where its blocks end. '
            "Make it again with: branchwise backbone … --json."
        )
    return "[" + ", ".join(cut if builder.is_own else f'"{cut}"' for cut in cuts) + "]"


_SMALL_BLOCKS = 5


def _blocks_source(builder: Builder) -> str:
    if builder.is_own:
        return SMALL.substitute(builder=str(builder), definition=_own_definition(builder)[1]).rstrip()
    return TRACED.substitute(builder=str(builder)).rstrip()


def _own_definition(builder: Builder) -> tuple[str, str]:
    """Return the imports and the source of one of our own networks, read as text so that torch stays out."""
    source = (_FOLDER / "networks" / OWN_FUNCTIONS[builder.function]).read_text(encoding="utf-8")
    tree = ast.parse(source)
    named = {name: node for node in tree.body for name in _defined(node)}
    # The smoke test and the heads need torch and nn whatever the definition uses.
    wanted, stack = {builder.function, "torch", "nn"}, [builder.function]
    while stack:
        node = named[stack.pop()]
        new = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in named} - wanted
        wanted |= new
        stack.extend(new)
    kept = [node for node in tree.body if wanted & set(_defined(node))]
    named_imports = {ast.unparse(_only(n, wanted)) for n in kept if isinstance(n, ast.Import | ast.ImportFrom)}
    imports = {"import torch", *named_imports}
    constants = [ast.get_source_segment(source, node) or "" for node in kept if isinstance(node, ast.Assign)]
    rest = [ast.get_source_segment(source, n) or "" for n in kept if isinstance(n, ast.ClassDef | ast.FunctionDef)]
    text = "\n\n\n".join(["\n".join(constants), *rest]).replace("BackboneError", "ValueError")
    return "\n".join(sorted(imports, key=lambda line: (line.startswith("from"), line))), text


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        own = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("core")
        return [] if own else [alias.asname or alias.name for alias in node.names]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return [node.name] if isinstance(node, ast.ClassDef | ast.FunctionDef) else []


def _only(node: ast.Import | ast.ImportFrom, wanted: set[str]) -> ast.Import | ast.ImportFrom:
    node.names = [alias for alias in node.names if (alias.asname or alias.name) in wanted]
    return node


def _layout_lines(partitions: Sequence[Sequence[Sequence[int]]], backbone: Backbone) -> str:
    return "\n".join(
        f"    {json.dumps(partition)},  # {_one_line(block.name)}: {block.params:,} parameters"
        for partition, block in zip(partitions, backbone.blocks, strict=True)
    )


def _task_lines(tasks: Sequence[str], outputs: Sequence[int], dense: Sequence[bool]) -> str:
    return "\n".join(
        f"    ({json.dumps(task)}, {int(n)}, {bool(d)})," for task, n, d in zip(tasks, outputs, dense, strict=True)
    )


def _total(backbone: Backbone, partitions: Sequence[Sequence[Sequence[int]]]) -> int:
    return sum(len(partition) * block.params for partition, block in zip(partitions, backbone.blocks, strict=True))


def _one_line(text: str) -> str:
    # Names end up in a comment and a docstring of code that users run: nothing may end those.
    return "".join(c if c.isalnum() or c in " ._-,…:+()/" else " " for c in text)
