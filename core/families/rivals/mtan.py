"""MTAN: one shared network, and for each task soft attention to its features.

Paper: Liu, Johns and Davison, End-to-End Multi-Task Learning with Attention, CVPR 2019.

As in the paper and in its authors' code for classification: a task's mask after each block is 1×1 convolution → norm →
ReLU → 1×1 convolution → norm → sigmoid of the shared features and, behind the first block, of what the task attended
to before; the mask multiplies the shared features; a 3×3 convolution that all tasks share → norm → ReLU brings what was
attended to the channels of the next block, and pooling to its size; behind the last block it feeds the head.

Differs: attention is applied after each of the study's blocks, whatever network they were cut from; the mask reads the
same features that it multiplies, as in the authors' code for classification (the paper's encoder reads those of the
block's first layer, which a block of any network may not have); the norm behind the shared convolution is each task's
(the code shares it; statistics of a mixture of tasks fit none of them, and accuracy fell by 3 points on digits);
losses count equally (the paper also proposes weights that follow their rate of change); the head is ours. Behind a wide
last block, such as the 1,280 channels of MobileNetV2, the 3×3 convolution is larger than the network; on ResNet-18
costs are those that the multi-path paper prints.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.backbones.arrangement import Arrangement, arrangement
from core.errors import BackboneError
from core.families.rivals.network import Holding, RivalNetwork, n_params
from core.training.build import seeded, shapes_of


class Attention(nn.Sequential):
    """The mask of one task after one block.

    Args:
        inputs: Channels that come in.
        channels: Channels of the mask.
    """

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, channels, 1),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 1),
            nn.BatchNorm2d(channels),
            nn.Sigmoid(),
        )


class Mtan(RivalNetwork):
    """The network of all tasks.

    Args:
        blocks: Of the backbone, with initial weights; used as they are.
        heads: One for each task.
        size: Height and width of the pictures.

    Raises:
        BackboneError: A block returns no maps.
    """

    def __init__(self, blocks: Sequence[nn.Module], heads: Sequence[nn.Module], size: tuple[int, int]) -> None:
        super().__init__(heads)
        shapes = shapes_of(blocks, size)
        for place, shape in enumerate(shapes):
            if arrangement(shape, size)[1] is not Arrangement.FIRST:
                raise BackboneError(
                    f"MTAN attends to maps [channels, height, width], and block {place} returns {list(shape)}. "
                    "Choose a convolutional backbone, or leave mtan out."
                )
        channels = [shape[0] for shape in shapes]
        self.sizes = [shape[1:] for shape in shapes]
        self.blocks = nn.ModuleList(blocks)
        self.attention = nn.ModuleList(
            nn.ModuleList(Attention(c if place == 0 else 2 * c, c) for place, c in enumerate(channels)) for _ in heads
        )
        following = [*channels[1:], channels[-1]]
        self.carry = nn.ModuleList(
            nn.Conv2d(c, after, 3, padding=1) for c, after in zip(channels, following, strict=True)
        )
        self.norms = nn.ModuleList(nn.ModuleList(map(nn.BatchNorm2d, following)) for _ in heads)

    @classmethod
    def seeded(
        cls, blocks: Sequence[nn.Module], heads: Sequence[nn.Module], size: tuple[int, int], seed: int
    ) -> "Mtan":
        """Return the network with the initial attention of a seed."""
        with seeded(seed, "attention"):
            return cls(blocks, heads, size)

    def features(self, x: Tensor, tasks: Sequence[int]) -> dict[int, Tensor]:
        """Return task → input of its head; shared features are computed once."""
        shared = self._shared(x)
        return {task: self._attended(shared, task)[0] for task in tasks}

    def masks(self, x: Tensor, task: int) -> list[Tensor]:
        """Return the mask of a task after each block, of the shape of the block's features."""
        return self._attended(self._shared(x), task)[1]

    def _shared(self, x: Tensor) -> list[Tensor]:
        found = []
        for block in self.blocks:
            x = block(x)
            found.append(x)
        return found

    def _attended(self, shared: Sequence[Tensor], task: int) -> tuple[Tensor, list[Tensor]]:
        own, norms = self.attention[task], self.norms[task]
        assert isinstance(own, nn.ModuleList)
        assert isinstance(norms, nn.ModuleList)
        masks: list[Tensor] = []
        x = shared[0]
        parts = zip(shared, own, self.carry, norms, strict=True)
        for place, (features, attention, carry, norm) in enumerate(parts):
            masks.append(attention(features if place == 0 else torch.cat((features, x), dim=1)))
            x = torch.relu(norm(carry(masks[-1] * features)))
            following = self.sizes[min(place + 1, len(shared) - 1)]
            if x.shape[2:] != following:
                x = functional.adaptive_max_pool2d(x, following)
        return x, masks

    def holding(self) -> Holding:
        """Return what the network holds."""
        shared = n_params([self.blocks, self.carry])
        own = tuple(n_params([self.attention[task], self.norms[task]]) for task in range(self.n_tasks))
        n_blocks = len(self.blocks)
        return Holding(
            shared_params=shared,
            own_params=own,
            used_params=tuple(shared + each for each in own),
            mask_bits=0,
            runs=((True,) * n_blocks,) * self.n_tasks,
            runs_for_all=(1,) * n_blocks,
            has_extra=True,
        )
