"""The network of a run, with common random numbers: its weights depend on seed, block and task, never on the layout."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from core.layouts import Layout
from core.networks.heads import head_of
from core.networks.study_blocks import blocks_of
from core.networks.tree import TreeNetwork
from core.studies.specification import BackboneSpecification
from core.tasks import Task


def build(
    backbone: BackboneSpecification, layout: Layout, tasks: tuple[Task, ...], size: tuple[int, int], seed: int
) -> TreeNetwork:
    """Return the tree network of a layout with the initial weights of a seed.

    Block b starts from the same weights in every layout of one seed, and in every copy of
    it; so does the head of a task, whatever other tasks are there. Differences between
    layouts then come from sharing, not from initial weights.

    Args:
        backbone: Which blocks.
        layout: Which tasks share them, in indices of ``tasks``.
        tasks: One head each.
        size: Height and width of the pictures.
        seed: Of the initial weights.

    Raises:
        BackboneError: The backbone is unknown or can't be cut into as many blocks.
        LayoutError: The layout does not fit blocks and tasks.
    """
    with seeded(seed, "blocks"):
        blocks = blocks_of(backbone, size)
    inputs = shapes_of(blocks, size)[-1]
    heads = []
    for task in tasks:
        with seeded(seed, f"head of {task.name}"):
            heads.append(head_of(task, inputs, size, backbone.heads))
    return TreeNetwork(blocks, layout, heads)


@contextmanager
def seeded(seed: int, what: str) -> Iterator[None]:
    """Seed torch's random numbers with ``seed`` and ``what`` inside, and restore them afterwards."""
    stream = np.random.SeedSequence([seed, *what.encode()])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(stream.generate_state(1, np.uint64)[0] >> np.uint64(1)))
        yield


def shapes_of(blocks: Sequence[nn.Module], size: tuple[int, int]) -> list[tuple[int, ...]]:
    """Return the shape of what each block returns for one picture, without the batch.

    Args:
        blocks: A chain; left in training mode.
        size: Height and width of the pictures.
    """
    x, found = torch.zeros(1, 3, *size), []
    for block in blocks:
        block.eval()
        with torch.no_grad():
            x = block(x)
        block.train()
        found.append(tuple(x.shape[1:]))
    return found
