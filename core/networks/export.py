"""From a traced backbone to a tree that others can use: module, profile, weights."""

from collections.abc import Sequence
from pathlib import Path

import torch
import torchvision
from safetensors.torch import load_file, save
from torch import Tensor, fx, nn

from core.backbones.backbone import Backbone, Block
from core.errors import BackboneError
from core.layouts import Layout
from core.networks.graph import run_error
from core.networks.inputs import Inputs
from core.networks.probe import Probe
from core.networks.state import evaluating
from core.networks.tracing import TracedBackbone
from core.networks.tree import TreeNetwork, count_parameters


def tree_of(traced: TracedBackbone, layout: Layout, heads: Sequence[nn.Module]) -> TreeNetwork:
    """Return the tree network of a layout on a traced backbone, with copies of its weights.

    Args:
        traced: The blocks.
        layout: Which tasks share them.
        heads: One per task, used as they are; each takes the output of the last block.

    Raises:
        LayoutError: Layout, blocks and heads do not match.
    """
    return TreeNetwork(traced.blocks, layout, heads)


def profile_of(
    blocks: Sequence[nn.Module], example: Tensor, *, name: str, names: Sequence[str] = (), builder: str = ""
) -> Backbone:
    """Return the profile of blocks that are modules already, such as those of the small residual net.

    A block's cut is its index here, so that merged blocks still say which modules they hold.

    Args:
        blocks: A chain of modules, each one tensor to one tensor.
        example: A batch of inputs; only its shape matters.
        name: What to call the backbone.
        names: What to call the blocks; their indices by default.
        builder: Python expression that makes the blocks.

    Raises:
        BackboneError: The blocks do not run on the example.
    """
    graph = fx.Graph()
    node = graph.placeholder("x")
    ends = []
    for index in range(len(blocks)):
        node = graph.call_module(str(index), (node,))
        ends.append(node)
    graph.output(node)
    chain = nn.Sequential(*blocks)
    inputs = Inputs.of(example[:1])
    root = {str(index): block for index, block in enumerate(blocks)}
    with evaluating(chain), torch.no_grad():
        try:
            readings, _ = Probe(root, graph).readings(inputs.tensors)
        except Exception as error:
            raise run_error(chain, inputs, error) from error
    labels = names or [str(index) for index in range(len(blocks))]
    return Backbone(
        name=name,
        blocks=tuple(
            Block(label, count_parameters(block), readings[end].macs, tuple(readings[end].value[1:]), cut=str(index))
            for index, (label, block, end) in enumerate(zip(labels, blocks, ends, strict=True))
        ),
        input_shape=tuple(example.shape[1:]),
        source=f"torch {torch.__version__}, torchvision {torchvision.__version__}",
        builder=builder,
    )


def save_weights(network: TreeNetwork, path: Path) -> None:
    """Write the weights and statistics of a tree as safetensors, with its layout in the metadata.

    Args:
        network: Any tree.
        path: A file ending in ``.safetensors``.
    """
    path.write_bytes(to_bytes(network))


def to_bytes(network: TreeNetwork) -> bytes:
    """Return weights and statistics of a tree as the content of a safetensors file, its layout in the metadata."""
    state = {name: tensor.contiguous().cpu() for name, tensor in network.state_dict().items()}
    return save(state, metadata={"layout": network.layout.to_text()})


def load_weights(network: TreeNetwork, path: Path) -> None:
    """Copy the weights written by ``save_weights`` into a tree of the same layout and blocks.

    Raises:
        BackboneError: The file holds other tensors than the tree.
    """
    state, own = load_file(path), network.state_dict()
    wrong = [name for name in own if name not in state or state[name].shape != own[name].shape]
    strange = [name for name in state if name not in own]
    if wrong or strange:
        raise BackboneError(
            f'{path.name} does not fit this tree at "{(wrong or strange)[0]}". '
            "Build the tree of the layout that the file was saved from."
        )
    network.load_state_dict(state)
