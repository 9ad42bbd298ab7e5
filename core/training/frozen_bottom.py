"""Blocks and a head trained on frozen bottom blocks, whose features are computed once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor, nn

from core.data.dataset import Dataset
from core.data.stream import pieces
from core.tasks import Task
from core.training.streamed import Values
from core.training.tensors import Tensors, channels_first, channels_last, tensors_of

# Features of larger data sets are computed again for every batch.
MOST_FEATURE_BYTES = 2_000_000_000
_BATCH = 250


class RecombinedNetwork(nn.Module):
    """One task's blocks and head on the frozen bottom of another's.

    The bottom is neither trained nor saved: it has no gradient, stays in evaluation mode
    (its BatchNorm is frozen), and is not among the module's parameters.

    Args:
        top: The blocks above the bottom, and the head.
        bottom: The frozen blocks, or None where the network is fed with their features.
    """

    def __init__(self, top: nn.Module, bottom: nn.Module | None = None) -> None:
        super().__init__()
        self.top = top
        # In a tuple, so that torch does not take it for a part of this module.
        self._frozen = () if bottom is None else (bottom.eval(),)

    def forward(self, x: Tensor) -> dict[int, Tensor]:
        """Return the output of the one task, as a ``TreeNetwork`` does."""
        for bottom in self._frozen:
            with torch.no_grad():
                x = bottom(x)
        return {0: self.top(x)}


@dataclass(frozen=True, slots=True, eq=False)
class Bottom:
    """Features of each split after the frozen blocks, or the blocks where features would not fit in memory.

    Args:
        inputs: Split → pictures or features, with no targets.
        blocks: None where ``inputs`` are features.
    """

    inputs: Mapping[str, Values]
    blocks: nn.Module | None

    @classmethod
    def of(cls, blocks: nn.Module, dataset: Dataset, device: torch.device, *, most: int = MOST_FEATURE_BYTES) -> Self:
        """Return the features of training and validation pictures, computed once for all targets.

        Where pictures are not changed at random, the features are those that every epoch would
        compute again; else ``most`` has to be 0.

        Args:
            blocks: In evaluation mode.
            dataset: Whose pictures.
            device: Where the features should live.
            most: Bytes they may take.
        """
        pictures = {split: tensors_of(dataset, split, (), device).pictures for split in ("train", "validation")}
        return cls.over(blocks, pictures, most=most)

    @classmethod
    def over(cls, blocks: nn.Module, pictures: Mapping[str, Values], *, most: int = MOST_FEATURE_BYTES) -> Self:
        """Return the features of some pictures, computed once.

        Args:
            blocks: In evaluation mode.
            pictures: Split → pictures as ``Tensors`` keep them.
            most: Bytes the features may take.
        """
        with torch.no_grad():
            one = blocks(channels_first(pictures["train"][:1]))
        if one.numel() * one.element_size() * sum(map(len, pictures.values())) > most:
            return cls(pictures, blocks)
        return cls({split: _features(blocks, found) for split, found in pictures.items()}, None)

    def tensors(self, dataset: Dataset, split: str, task: Task, device: torch.device) -> Tensors:
        """Return what a top is trained on."""
        return replace(tensors_of(dataset, split, (task,), device), pictures=self.inputs[split])


def _features(blocks: nn.Module, pictures: Values) -> Tensor:
    with torch.no_grad():
        return torch.cat(
            [channels_last(blocks(channels_first(pictures[rows]))) for rows in pieces(len(pictures), _BATCH)]
        )
