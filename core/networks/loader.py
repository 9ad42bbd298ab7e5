"""The loader of a deployed network as one Python file that runs without this project: what all families' have."""

import ast
import re
from collections.abc import Iterable, Sequence
from string import Template
from typing import Final

from torch import nn

from core.backbones.builder import OWN_FUNCTIONS, Builder
from core.backbones.reading_text import READING
from core.backbones.source import HEADS, HEADS_FILE, NUMBER_HEAD, BlockSource, definition, import_lines
from core.networks.block_source import block_source, study_block_source
from core.networks.heads import AsppHead, ClassificationHead, DenseHead, NumberHead, PyramidHead
from core.networks.plan import BackbonePlan
from core.networks.profile_all import built

LOADER_FILE: Final = "load.py"
_CHECKED: Final = ("checked_content.py", ("check_content",))
_IMPORTS: Final = (
    "import copy",
    "import json",
    "import pathlib",
    "import sys",
    "import torch",
    "from torch import nn",
)
_BLANK_LINES: Final = re.compile(r"\n{4,}")

# A dollar sign marks a gap.
_TEXT: Final = Template('''"""$title

Made by Branchwise. Runs with torch$packages alone; pictures are read with numpy and Pillow.
The files beside this one hold the weights, and manifest.json says what they are and what they reached.

$usage
"""

$imports

FOLDER = pathlib.Path(__file__).parent
$constants


$blocks


$heads


$reading


$defined


class Folder:
    """Files that manifest.json lists; each is checked against it when it is read."""

    def __init__(self, folder=FOLDER):
        self.folder = pathlib.Path(folder)
        self.manifest = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        self.tasks = {task["name"]: task for task in self.manifest["tasks"]}
        self.name = None

    def read(self, role, **which):
        """Return the tensors of a file."""
        files = [file for file in self.manifest["files"] if file["role"] == role]
        (entry,) = [file for file in files if all(file.get(key) == value for key, value in which.items())]
        content = (self.folder / entry["path"]).read_bytes()
        check_content(entry["path"], content, entry["bytes"], entry["sha256"])
        return tensors_in(content)

    def known(self, name):
        """Return what the manifest says of a task."""
        if name not in self.tasks:
            raise ValueError(f"There is no task {name!r}. Choose from: {', '.join(self.tasks)}.")
        return self.tasks[name]

    @property
    def task(self):
        """What the manifest says of the task that is switched to."""
        if self.name is None:
            raise ValueError(f"Switch to a task first: {', '.join(self.tasks)}.")
        return self.tasks[self.name]

    @property
    def steps(self):
        """What is done to a picture of the task that is switched to."""
        found = self.task.get("preprocessing") or self.manifest.get("preprocessing")
        if found is None:
            raise ValueError("This network was not trained, so its preprocessing is unknown.")
        return found

    def outputs(self, pictures):
        """Return the outputs for uint8 pictures [n, height, width, 3] of the task that is switched to."""
        with torch.no_grad():
            return self(normalised(pictures, self.steps))

    def predict(self, paths):
        """Return the answer for every file: classes, lists of labels, or maps as a tensor."""
        import numpy as np

        if not len(paths):
            return []
        task, pictures = self.task, np.stack([read_picture(path, self.steps) for path in paths])
        return answers(task["kind"], task.get("classes") or [], self.outputs(pictures))


$family


def main(words):
    """Do what the command line says; what is wrong is one sentence."""
    try:
        command(words)
    except (ValueError, OSError) as fault:
        raise SystemExit(str(fault)) from None


if __name__ == "__main__":
    main(sys.argv[1:])
''')


def loader_text(
    *,
    title: str,
    usage: str,
    family: str,
    blocks: BlockSource,
    heads: Iterable[nn.Module],
    constants: str = "",
    files: Sequence[tuple[str, tuple[str, ...]]] = (),
    more: str = "",
) -> str:
    """Return Python source that loads a deployed network and answers pictures.

    Args:
        title: What the network is, in a line.
        usage: How it is used.
        family: What is particular to the family: a subclass of ``Folder``, and ``command(words)``.
        blocks: Source of the blocks of the backbone.
        heads: Of all tasks; only their kinds are written.
        constants: Assignments.
        files: Of ``core.networks``, each with what is taken from it.
        more: Further definitions.
    """
    made = {type(head).__name__ for head in heads}
    head_imports, head_text = definition(HEADS_FILE, [name for name in (*HEADS, NUMBER_HEAD) if name in made])
    taken = [definition(file, names) for file, names in (_CHECKED, *files)]
    lines = {*_IMPORTS, *head_imports, *blocks.imports, *(line for imports, _ in taken for line in imports)}
    text = _TEXT.substitute(
        title=title,
        packages=blocks.packages,
        usage=usage.strip(),
        imports=import_lines(lines),
        constants=constants.strip(),
        blocks=blocks.text.strip(),
        heads=head_text,
        reading=READING.strip(),
        defined="\n\n\n".join([*(each for _, each in taken), *([more.strip()] if more else [])]),
        family=family.strip(),
    )
    text = _BLANK_LINES.sub("\n\n\n", text)
    ast.parse(text)
    return text


def plan_source(plan: BackbonePlan) -> BlockSource:
    """Return the source of the blocks of a backbone.

    Raises:
        BackboneError: A block runs something that can't be written down.
    """
    if plan.traced is not None:
        found = study_block_source(plan.traced, plan.size)
        assert found is not None
        return found
    builder = Builder.parse(plan.builder)
    if not builder.is_own:
        return block_source(plan.blocks(), plan.builder, built(builder), shrink=plan.stem == "small")
    imports, defined = definition(OWN_FUNCTIONS[builder.function], (builder.function,))
    made = f'def make_blocks():\n    """Return the blocks of the backbone."""\n    return {builder}'
    return BlockSource(imports, f"{defined}\n\n\n{made}")


def head_call(head: nn.Module) -> str:
    """Return the expression that makes a head."""
    if isinstance(head, ClassificationHead):
        name = "NumberHead" if isinstance(head, NumberHead) else "ClassificationHead"
        return f"{name}({head.linear.in_features}, {head.linear.out_features}, {head.pooled})"
    assert isinstance(head, DenseHead | AsppHead | PyramidHead)
    (height, rows), (columns, width) = head.enlarge.down.shape, head.enlarge.across.shape
    first = next(module for module in head.modules() if isinstance(module, nn.Conv2d))
    last = head.layers[-1]
    assert isinstance(last, nn.Conv2d)
    inputs = (first.in_channels, rows, columns)
    name = type(head).__name__
    return f"{name}({inputs}, {last.out_channels}, {(height, width)}, channels_last={head.channels_last})"
