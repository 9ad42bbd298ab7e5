"""NestedNet: nested sparse networks in one set of weights, a level for each task.

Paper: Kim, Ahn and Oh, NestedNet: Learning Nested Sparse Structures in Deep Neural Networks, CVPR 2018.

As in the paper: levels of rising size, the weights of each a subset of those of the next, the last one the whole
network; masks come from real values that are learned with the weights, through a step whose gradient is passed on as
if it were not there; all levels are trained together, so a task changes the weights of all levels below it, too;
tasks of a hierarchy take the levels from coarse to fine.

Differs: one ranking of each layer's weights decides the levels, and a level is the best-ranked weights up to its
share, so that levels nest by construction and have the requested sizes (the paper reaches a sparsity by thresholds and
a regulariser); rankings start from the magnitudes of the initial weights; norms and biases are those of each level.
Missing: the paper's layer scheduling. Its channel scheduling, which nests whole channels instead of single weights and
so saves time on any hardware, is that of ``grouped_nestednet``. We had the paper's abstract and its use in the
multi-path paper at hand, not its text.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from core.families.rivals.masked import MaskedChain, weights_of
from core.families.rivals.method import counts_of, mask_bits
from core.families.rivals.network import Holding, RivalNetwork, n_params


class NestedNet(RivalNetwork):
    """The network of all levels.

    Args:
        blocks: Of the backbone, with initial weights; they are copied.
        heads: One for each task.
        shares: Share of each layer's weights in the level of each task, in rising order.
    """

    def __init__(self, blocks: Sequence[nn.Module], heads: Sequence[nn.Module], shares: tuple[float, ...]) -> None:
        super().__init__(heads)
        self.shares = shares
        self.n_blocks = len(blocks)
        weights = weights_of(blocks)
        self.weights = nn.ParameterList(map(nn.Parameter, weights))
        self.scores = nn.ParameterList(nn.Parameter(w.abs() / w.abs().max().clamp_min(1e-12)) for w in weights)
        self.chains = nn.ModuleList(MaskedChain(blocks) for _ in heads)

    def features(self, x: Tensor, tasks: Sequence[int]) -> dict[int, Tensor]:
        """Return task → input of its head; every level is a pass of its own."""
        levels = self.levels()
        return {task: self.chains[task](x, self.weights_for(task, levels)) for task in tasks}

    def levels(self) -> list[Tensor]:
        """Return for each layer the first level that has each weight, as numbers from 0."""
        return [levels_of(score.detach(), counts_of(self.shares, score.numel())) for score in self.scores]

    def weights_for(self, task: int, levels: Sequence[Tensor]) -> list[Tensor]:
        """Return the weights of a task's level, 0 elsewhere; gradients reach the scores of all weights."""
        found = []
        for weight, score, level in zip(self.weights, self.scores, levels, strict=True):
            mask = (level <= task).to(weight.dtype)
            # The bracket is exactly 0: only its gradient counts.
            found.append(weight * (mask + (score - score.detach())))
        return found

    def holding(self) -> Holding:
        """Return what the network holds; scores are needed in training only."""
        n_weights = sum(weight.numel() for weight in self.weights)
        own = tuple(n_params([chain]) for chain in self.chains)
        used = [sum(int((level <= task).sum()) for level in self.levels()) for task in range(self.n_tasks)]
        return Holding(
            shared_params=n_weights,
            own_params=own,
            used_params=tuple(one + other for one, other in zip(used, own, strict=True)),
            mask_bits=mask_bits(self.n_tasks, n_weights),
            runs=((True,) * self.n_blocks,) * self.n_tasks,
            runs_for_all=(self.n_tasks,) * self.n_blocks,
        )


def levels_of(scores: Tensor, counts: Sequence[int]) -> Tensor:
    """Return the first level that has each weight, from 0.

    Args:
        scores: Of one layer; the best-ranked weights are in the first level, of equal ones the first.
        counts: Number of weights in each level, rising, the last one all.
    """
    found = levels_by_threshold(scores, counts) if scores.device.type == "cpu" else None
    return levels_by_rank(scores, counts) if found is None else found


def levels_by_rank(scores: Tensor, counts: Sequence[int]) -> Tensor:
    """Return the levels from the ranking of all weights; arguments as ``levels_of``."""
    order = scores.flatten().argsort(descending=True, stable=True)
    ranks = torch.arange(len(order), device=scores.device)
    levels = torch.empty_like(order)
    levels[order] = torch.bucketize(ranks, torch.tensor(counts, device=scores.device), right=True)
    return levels.reshape(scores.shape)


def levels_by_threshold(scores: Tensor, counts: Sequence[int]) -> Tensor | None:
    """Return the levels from the least score in each; None where equal scores or an empty level need the ranking.

    On a processor five times as fast as the ranking, which is needed in every step.
    """
    n = scores.numel()
    if min(counts) < 1:
        return None
    partly = np.partition(scores.numpy().ravel(), [n - count for count in counts])
    levels = torch.zeros(scores.shape, dtype=torch.int64)
    for count in counts[:-1]:
        below = scores < float(partly[n - count])
        if int(below.sum()) != n - count:
            return None
        levels += below
    return levels
