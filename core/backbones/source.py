"""A layout as one Python file that runs with torch and torchvision alone. Written without either."""

import ast
import json
import pprint
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import core
from core.backbones.arrangement import Arrangement, arrangement
from core.backbones.backbone import Backbone
from core.backbones.builder import OWN_FUNCTIONS, Builder
from core.backbones.reading_text import READING
from core.backbones.source_text import SMALL, START, TRACED, TRACED_IMPORTS, TREE
from core.errors import BackboneError
from core.tasks import Kind

HEADS_FILE: Final = "heads.py"
# Kind of head of tasks with an answer per pixel → its class in ``core.networks.heads``.
DENSE_HEADS: Final = {"light": "DenseHead", "aspp": "AsppHead", "pyramid": "PyramidHead"}
HEADS: Final = ("ClassificationHead", *DENSE_HEADS.values())
NUMBER_HEAD: Final = "NumberHead"
_FOLDER: Final = Path(core.__file__).parent
_DEFAULT_OUTPUTS: Final = 10
_IMPORTS: Final = ("import copy", "import json", "import pathlib", "import sys", "import torch", "from torch import nn")
# Dimensions of a batch that a classification head averages over, as in ``core.networks.heads``.
_POOLED: Final = {
    Arrangement.FIRST: (2, 3),
    Arrangement.LAST: (1, 2),
    Arrangement.TOKENS: (1,),
    Arrangement.VECTOR: (),
}
# Kinds whose heads answer with one vector for a picture.
_VECTORS: Final = "(" + ", ".join(f'"{kind.value}"' for kind in Kind if not kind.is_map) + ")"
_BLANK_LINES: Final = re.compile(r"\n{4,}")


@dataclass(frozen=True, slots=True)
class BlockSource:
    """Source that makes the blocks of a backbone.

    Args:
        imports: Lines that import what it uses.
        text: Definitions, among them ``make_blocks()``.
        start: How to begin from weights that torchvision offers, or what else is needed; empty where there is neither.
        needs: Packages and modules that it imports beside torch and torchvision.
    """

    imports: tuple[str, ...]
    text: str
    start: str = ""
    needs: tuple[str, ...] = ()

    @property
    def packages(self) -> str:
        """What it imports beside torch, as the rest of "torch"."""
        vision = ["torchvision"] if any("torchvision" in line for line in self.imports) else []
        names = [*vision, *self.needs]
        return "" if not names else f"{''.join(f', {name}' for name in names[:-1])} and {names[-1]}"


def standalone_source(
    backbone: Backbone,
    partitions: Sequence[Sequence[Sequence[int]]],
    tasks: Sequence[str],
    *,
    outputs: Sequence[int] = (),
    kinds: Sequence[Kind] = (),
    classes: Mapping[str, Sequence[str]] | None = None,
    builder: str = "",
    blocks: BlockSource | None = None,
    preprocessing: Mapping[str, Any] | None = None,
    about: Mapping[str, Any] | None = None,
    dense: str = "light",
) -> str:
    """Return readable Python source of the network of a layout, with a check at its end.

    The modules are called as in ``TreeNetwork``, so weights saved from one load into the other.

    Args:
        backbone: Blocks with their cuts, as the bundled profiles have them.
        partitions: The layout as nested lists, ``Layout.to_json()``: one partition per block.
        tasks: Names, in index order.
        outputs: Outputs of each task's head; 10 by default.
        kinds: What each task predicts; classes by default.
        classes: Task → what its classes or labels are called, in order.
        builder: Makes the network, where the backbone does not say it itself.
        blocks: Source of the blocks, where it was written from traced ones.
        preprocessing: As in a manifest; None where nothing was trained.
        about: Metrics, splits and environment, as in a manifest.
        dense: Which head tasks with an answer per pixel have.

    Raises:
        BackboneError: The builder of this backbone or the ends of its blocks are unknown, or the
            numbers of blocks, tasks, outputs and kinds disagree.
    """
    made = Builder.parse(builder or backbone.builder) if builder or backbone.builder else None
    if made is None and blocks is None:
        check_builder(backbone)
    outputs, kinds = outputs or [_DEFAULT_OUTPUTS] * len(tasks), kinds or [Kind.CLASSIFICATION] * len(tasks)
    _check(backbone, partitions, tasks, outputs, kinds)
    ends = ""
    if blocks is None:
        assert made is not None
        blocks, ends = _blocks_source(made), f"# Where each block ends.\nENDS = {_ends(backbone, made)}"
    imports, heads = definition(HEADS_FILE, heads_of(kinds, dense))
    lines = {*_IMPORTS, *imports, *blocks.imports}
    text = TREE.substitute(
        title=one_line(backbone.name),
        packages=blocks.packages,
        weights="trained" if about else "if there are any",
        start=blocks.start or "The network starts from random weights unless a file of weights is given.",
        imports=import_lines(lines),
        layout=_layout_lines(partitions, backbone),
        tasks=_task_lines(tasks, kinds, outputs, classes or {}),
        preprocessing=literal(preprocessing),
        about=literal(about or {}),
        ends=ends,
        blocks=blocks.text.strip(),
        heads=heads,
        reading=READING.strip(),
        head=_head(backbone, DENSE_HEADS[dense], numbers=Kind.REGRESSION in kinds),
        output_shape=tuple(backbone.blocks[-1].output_shape),
        input_shape=tuple(backbone.input_shape),
        params=_total(backbone, partitions),
    )
    text = _BLANK_LINES.sub("\n\n\n", text)
    ast.parse(text)
    return text


def check_builder(backbone: Backbone) -> None:
    """Check that a profile says how its network is built.

    Raises:
        BackboneError: It does not.
    """
    if not backbone.builder:
        raise BackboneError(
            f'There is no way to build "{backbone.name}": only its costs are known. Give its profile, the output of: '
            "branchwise backbone MODULE:FUNCTION --json."
        )


def heads_of(kinds: Iterable[Kind], dense: str = "light") -> tuple[str, ...]:
    """Return the names of the classes of heads that tasks of some kinds need."""
    usual = (HEADS[0], DENSE_HEADS[dense])
    return (*usual, NUMBER_HEAD) if Kind.REGRESSION in kinds else usual


def import_lines(lines: Iterable[str]) -> str:
    """Return import statements, those of one module joined."""
    plain, named = set(), dict[str, set[str]]()
    for node in ast.parse("\n".join(lines)).body:
        if isinstance(node, ast.ImportFrom):
            named.setdefault(node.module or "", set()).update(ast.unparse(alias) for alias in node.names)
        else:
            plain.add(ast.unparse(node))
    return "\n".join(
        [
            *sorted(plain),
            *(f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(named.items())),
        ]
    )


def _head(backbone: Backbone, dense_head: str, *, numbers: bool) -> str:
    """Return the expression that makes the head of a task from its kind and outputs."""
    shape, size = backbone.blocks[-1].output_shape, tuple(backbone.input_shape[1:])
    channels, found = arrangement(shape, size)
    plain = f"ClassificationHead({channels}, outputs, {_POOLED[found]})"
    if numbers:
        plain = f'(NumberHead if kind == "{Kind.REGRESSION}" else ClassificationHead)({plain.partition("(")[2]}'
    if found not in (Arrangement.FIRST, Arrangement.LAST):
        return plain
    last = found is Arrangement.LAST
    sides = shape[:2] if last else shape[1:]
    dense = f"{dense_head}({(channels, *sides)}, outputs, {size}, channels_last={last})"
    return f"{plain} if kind in {_VECTORS} else {dense}"


def _check(
    backbone: Backbone,
    partitions: Sequence[Sequence[Sequence[int]]],
    tasks: Sequence[str],
    outputs: Sequence[int],
    kinds: Sequence[Kind],
) -> None:
    if len(partitions) != backbone.n_blocks:
        raise BackboneError(
            f'The layout has {len(partitions)} blocks, "{backbone.name}" has {backbone.n_blocks}. They should match.'
        )
    members = sorted(task for group in partitions[0] for task in group)
    if members != list(range(len(tasks))) or not len(tasks) == len(outputs) == len(kinds):
        raise BackboneError(
            f"The layout has {len(members)} tasks; {len(tasks)} names, {len(outputs)} outputs and {len(kinds)} kinds "
            "were given. They should match."
        )
    if any(n < 1 for n in outputs):
        raise BackboneError(f"A head has {min(outputs)} outputs. It should have at least one.")
    if not backbone.input_shape:
        raise BackboneError(f'The profile of "{backbone.name}" has no input_shape. Give one, such as [3, 224, 224].')
    found = arrangement(backbone.blocks[-1].output_shape, backbone.input_shape[1:])[1]
    if any(kind.is_map for kind in kinds) and found in (Arrangement.TOKENS, Arrangement.VECTOR):
        raise BackboneError(f'"{backbone.name}" hands on no maps, so no head can answer with one. Choose another.')


def _ends(backbone: Backbone, builder: Builder) -> str:
    cuts = [block.cut for block in backbone.blocks]
    if not all(cuts) and builder.is_small and len(cuts) == (dict(builder.arguments).get("blocks") or _SMALL_BLOCKS):
        cuts = [str(index) for index in range(len(cuts))]
    usable = all(cut.isdigit() if builder.is_own else cut.isidentifier() for cut in cuts)
    if not usable:
        raise BackboneError(
            f'The profile of "{backbone.name}" does not say where its blocks end. '
            "Make it again with: branchwise backbone … --json."
        )
    return "[" + ", ".join(cut if builder.is_own else f'"{cut}"' for cut in cuts) + "]"


_SMALL_BLOCKS = 5


def _blocks_source(builder: Builder) -> BlockSource:
    if not builder.is_own:
        return BlockSource(TRACED_IMPORTS, TRACED.substitute(builder=str(builder)), START)
    imports, defined = definition(OWN_FUNCTIONS[builder.function], (builder.function,))
    return BlockSource(imports, SMALL.substitute(builder=str(builder), definition=defined))


def definition(file: str, names: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return the imports and the source of what ``core.networks`` defines, read as text so that torch stays out."""
    source = (_FOLDER / "networks" / file).read_text(encoding="utf-8")
    tree = ast.parse(source)
    named = {name: node for node in tree.body for name in _defined(node)}
    wanted, stack = {*names}, [*names]
    while stack:
        node = named[stack.pop()]
        new = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in named} - wanted
        wanted |= new
        stack.extend(new)
    kept = [node for node in tree.body if wanted & set(_defined(node))]
    imports = tuple(ast.unparse(_only(n, wanted)) for n in kept if isinstance(n, ast.Import | ast.ImportFrom))
    constants = [ast.get_source_segment(source, node) or "" for node in kept if isinstance(node, ast.Assign)]
    rest = [ast.get_source_segment(source, n) or "" for n in kept if isinstance(n, ast.ClassDef | ast.FunctionDef)]
    text = (
        "\n\n\n".join(["\n".join(constants), *rest])
        .replace("BackboneError", "ValueError")
        .replace("FamilyError", "ValueError")
    )
    return imports, text.strip()


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
        f"    {json.dumps(partition)},  # {one_line(block.name)}: {block.params:,} parameters"
        for partition, block in zip(partitions, backbone.blocks, strict=True)
    )


def _task_lines(
    tasks: Sequence[str], kinds: Sequence[Kind], outputs: Sequence[int], classes: Mapping[str, Sequence[str]]
) -> str:
    return "\n".join(
        f"    ({json.dumps(task)}, {json.dumps(kind.value)}, {int(n)}, {list(map(str, classes.get(task, ())))!a}),"
        for task, kind, n in zip(tasks, kinds, outputs, strict=True)
    )


def literal(value: object) -> str:
    """Return plain values as a Python literal; text stays within its quotes whatever it holds."""
    plain = json.loads(json.dumps(value, allow_nan=False))
    return pprint.pformat(plain, width=110, sort_dicts=False).encode("ascii", "backslashreplace").decode()


def _total(backbone: Backbone, partitions: Sequence[Sequence[Sequence[int]]]) -> int:
    return sum(len(partition) * block.params for partition, block in zip(partitions, backbone.blocks, strict=True))


def one_line(text: str) -> str:
    # Names end up in a comment and a docstring of code that users run: nothing may end those.
    return "".join(c if c.isalnum() or c in " ._-,…:+()/" else " " for c in text)
