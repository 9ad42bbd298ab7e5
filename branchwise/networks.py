"""A network cut into blocks, a layout as a network, and a network that was taken home."""

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from core.errors import BackboneError, LayoutError
from core.layouts import Layout
from core.networks.inputs import Example
from core.networks.tracing import TracedBackbone, detect
from core.networks.tree import TreeNetwork

NETWORK = "network.py"


def trace(model: nn.Module, example: Example, *, head: str = "auto") -> TracedBackbone:
    """Return the blocks of a network between the points where it may branch, and what each costs.

    ``found.backbone`` is its profile, ``found.blocks`` are modules that run one after another, ``found.merge_to(n)``
    groups them into ``n`` of about equal cost.

    Args:
        model: The network.
        example: A batch of inputs: a tensor, a tuple of tensors, or a dictionary by name.
        head: Where the head starts: ``auto``, ``none``, or the path of the first module that belongs to it.

    Raises:
        BranchwiseError: It can't be traced, or does not run on the example.
    """
    return detect(model, example, head=head)


def tree_network(
    blocks: TracedBackbone | Sequence[nn.Module],
    layout: Layout | str,
    heads: Mapping[str, nn.Module] | Sequence[nn.Module],
) -> TreeNetwork:
    """Return the network of a layout: shared blocks run once, and heads are never shared.

    Args:
        blocks: What ``trace`` returned, or modules that run one after another.
        layout: Which tasks share which block; as text also with the names of the heads.
        heads: One for each task, in index order; with names where it is a mapping.

    Raises:
        BranchwiseError: Blocks, layout and heads don't fit each other.
    """
    names = tuple(heads) if isinstance(heads, Mapping) else ()
    tasks = list(heads.values()) if isinstance(heads, Mapping) else list(heads)
    if isinstance(layout, str):
        layout = Layout.parse(layout, names) if names else Layout.parse(layout)
    if not isinstance(layout, Layout):
        raise LayoutError(f"A layout, or one as text, is needed. Found {type(layout).__name__}.")
    return TreeNetwork(blocks.blocks if isinstance(blocks, TracedBackbone) else blocks, layout, tasks)


def load_module(folder: str | Path) -> ModuleType:
    """Return the module of a folder that ``branchwise module`` or a download wrote, with its weights.

    It runs ``network.py`` of the folder, so load only what you made or trust; the file needs torch alone.

    Args:
        folder: With network.py, weights.safetensors and manifest.json.

    Raises:
        BackboneError: There is no network.py in it.
    """
    path = Path(folder) / NETWORK
    if not path.is_file():
        raise BackboneError(
            f"There is no {NETWORK} in {str(folder)[:200]}. Name a folder that branchwise module wrote."
        )
    spec = importlib.util.spec_from_file_location(f"branchwise_module_{abs(hash(path.resolve()))}", path)
    assert spec is not None
    assert spec.loader is not None
    found: Any = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = found
    spec.loader.exec_module(found)
    module: ModuleType = found
    return module
