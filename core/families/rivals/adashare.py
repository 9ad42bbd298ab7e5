"""AdaShare: each task selects or skips each block of one shared network.

Paper: Sun, Panda, Feris and Saenko, AdaShare: Learning What To Share for Efficient Deep Multi-Task Learning, NeurIPS
2020.

As in the paper and in its authors' code: all tasks first train the whole network; then weights and the tasks' policy
are learned by turns, the policy by a Gumbel softmax over select and skip whose temperature falls, with a loss for few
blocks and one for alike policies that counts more for early blocks; the search begins with the last block and opens to
the first ones step by step; in the end the policy is fixed, and the network goes on from the weights that it had
before the search. A skipped block is replaced by its shortcut. Options have the values of the authors' code for three
tasks on NYU v2.

Differs: the policy is about the study's blocks, which may hold several residual blocks of the network; the first block
always runs, like the paper's stem; a shortcut has no parameters (where the shape changes it averages and pads with
zero channels, He et al. 2015, option A), and a block that no such shortcut can replace always runs; weights and policy
take turns step by step on the same training pictures (the code: by halves of them); the fixed policy is the likelier
choice (the paper samples some and keeps the best); warm-up, search and the training after it share the epochs that
every other network has, where the code trains as long again after the search.
"""

import copy
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.adam import adam

from core.backbones.arrangement import Arrangement, arrangement
from core.errors import BackboneError
from core.families.rivals.method import AdaShareMethod, runs_together
from core.families.rivals.network import Holding, RivalNetwork, n_params, shapes_of
from core.families.rivals.session import Session
from core.training.build import seeded
from core.training.loop import Trainer
from core.training.losses import loss_of
from core.training.schedule import SCHEDULES

Shape = tuple[int, ...]
# Of Adam for the policy, as in the authors' code.
_POLICY_RATE = 0.01
_POLICY_DECAY = 5e-4


class Shortcut(nn.Module):
    """What replaces a skipped block: the input, averaged and with more channels where the block's shape differs.

    Args:
        stride: Factor of height and width.
        new_channels: How many zero channels are added.

    Reference:
        He et al., Deep Residual Learning for Image Recognition, §3.3, option A.
    """

    def __init__(self, stride: int, new_channels: int) -> None:
        super().__init__()
        self.stride, self.new_channels = stride, new_channels

    def forward(self, x: Tensor) -> Tensor:
        """Return the input in the shape of the block's output."""
        if self.stride > 1:
            x = functional.avg_pool2d(x, self.stride, ceil_mode=True)
        return functional.pad(x, (0, 0, 0, 0, 0, self.new_channels)) if self.new_channels else x


def shortcut_of(before: Shape, after: Shape, size: tuple[int, int]) -> Shortcut | None:
    """Return what can replace a block; None where nothing without parameters can.

    Args:
        before: Shape of the block's input, without the batch.
        after: Shape of its output.
        size: Height and width of the pictures.
    """
    if before == after:
        return Shortcut(1, 0)
    if {arrangement(shape, size)[1] for shape in (before, after)} != {Arrangement.FIRST} or after[0] < before[0]:
        return None
    stride = -(-before[1] // after[1])
    smaller = tuple(-(-extent // stride) for extent in before[1:])
    return Shortcut(stride, after[0] - before[0]) if smaller == after[1:] else None


class AdaShare(RivalNetwork):
    """The network of all tasks, with the policy that says which task runs which block.

    Args:
        blocks: Of the backbone, with initial weights; used as they are.
        heads: One for each task.
        size: Height and width of the pictures.

    Raises:
        BackboneError: No block can be skipped.
    """

    policy: Tensor

    def __init__(self, blocks: Sequence[nn.Module], heads: Sequence[nn.Module], size: tuple[int, int]) -> None:
        super().__init__(heads)
        shapes = shapes_of(blocks, size)
        shortcuts = [shortcut_of(before, after, size) for before, after in itertools.pairwise(shapes)]
        self.skippable = tuple(place + 1 for place, shortcut in enumerate(shortcuts) if shortcut is not None)
        if not self.skippable:
            raise BackboneError(
                "AdaShare skips blocks, and none of these can be replaced by a shortcut without parameters: the first "
                "one always runs, and the others change more than halving sizes and adding channels. "
                "Choose another backbone or more blocks, or leave adashare out."
            )
        self.blocks = nn.ModuleList(blocks)
        self.shortcuts = nn.ModuleList([nn.Identity(), *(shortcut or nn.Identity() for shortcut in shortcuts)])
        self.register_buffer("policy", torch.ones(len(heads), len(blocks), dtype=torch.bool))

    def features(self, x: Tensor, tasks: Sequence[int]) -> dict[int, Tensor]:
        """Return task → input of its head; what tasks select alike from the input on is computed once."""
        known: dict[tuple[bool, ...], Tensor] = {(): x}
        found = {}
        for task in tasks:
            choices = tuple(self.policy[task].tolist())
            for place in range(len(choices)):
                way = choices[: place + 1]
                if way not in known:
                    module = self.blocks[place] if choices[place] else self.shortcuts[place]
                    known[way] = module(known[way[:-1]])
            found[task] = known[choices]
        return found

    def mixed(self, x: Tensor, selected: Tensor) -> dict[int, Tensor]:
        """Return task → output of its head where blocks are selected in part.

        Args:
            x: A batch of pictures.
            selected: Share of each skippable block, the rest of its shortcut, ``[n_tasks, n_skippable]``; a share of
                exactly 1 is the block alone.
        """
        found = {}
        for task in range(self.n_tasks):
            out = x
            for place, block in enumerate(self.blocks):
                share = selected[task, self.skippable.index(place)] if place in self.skippable else None
                out = block(out) if share is None else share * block(out) + (1 - share) * self.shortcuts[place](out)
            found[task] = self.heads[task](out)
        return found

    def fix(self, policy: Tensor) -> None:
        """Set the policy for good; blocks that no task runs are dropped.

        Args:
            policy: Whether each task runs each skippable block, ``[n_tasks, n_skippable]``.
        """
        self.policy.fill_(value=True)
        self.policy[:, list(self.skippable)] = policy.to(self.policy)
        for place in self.skippable:
            if not self.policy[:, place].any():
                self.blocks[place] = nn.Identity()

    def holding(self) -> Holding:
        """Return what the network holds."""
        params = [n_params([block]) for block in self.blocks]
        runs = tuple(tuple(choices) for choices in self.policy.tolist())
        return Holding(
            shared_params=sum(params),
            own_params=(0,) * self.n_tasks,
            used_params=tuple(sum(n for n, runs in zip(params, row, strict=True) if runs) for row in runs),
            mask_bits=self.n_tasks * len(self.skippable),
            runs=runs,
            runs_for_all=runs_together(runs),
        )


class PolicySearch(nn.Module):
    """An AdaShare network with the logits of its policy, while both are learned.

    The state of the policy's optimiser is kept in buffers, so that a checkpoint holds it.

    Args:
        network: After its warm-up.
    """

    logits: Tensor
    first_moment: Tensor
    second_moment: Tensor
    steps: Tensor

    def __init__(self, network: AdaShare) -> None:
        super().__init__()
        self.network = network
        shape = (network.n_tasks, len(network.skippable), 2)
        self.register_buffer("logits", torch.full(shape, 0.5))
        self.register_buffer("first_moment", torch.zeros(shape))
        self.register_buffer("second_moment", torch.zeros(shape))
        self.register_buffer("steps", torch.zeros(()))

    def forward(self, x: Tensor) -> dict[int, Tensor]:
        """Return task → output with each block selected by its probability."""
        return self.network.mixed(x, self.logits.softmax(dim=2)[..., 0])

    def learn(self, gradient: Tensor) -> None:
        """Make one step of Adam on the logits."""
        with torch.no_grad():
            adam(
                [self.logits],
                [gradient],
                [self.first_moment],
                [self.second_moment],
                [],
                [self.steps],
                amsgrad=False,
                beta1=0.9,
                beta2=0.999,
                lr=_POLICY_RATE,
                weight_decay=_POLICY_DECAY,
                eps=1e-8,
                maximize=False,
            )

    def choice(self) -> Tensor:
        """Return the likelier choice of each task for each skippable block, ``[n_tasks, n_skippable]``."""
        return self.logits[..., 0] >= self.logits[..., 1]


def drawn(logits: Tensor, temperature: float, n_open: int) -> Tensor:
    """Return the share of each skippable block by the Gumbel softmax, with torch's present random numbers.

    Args:
        logits: Of select and skip, ``[n_tasks, n_skippable, 2]``.
        temperature: Near 0 shares are near 0 or 1.
        n_open: How many of the last blocks may be skipped by now; earlier ones run.
    """
    shares = functional.gumbel_softmax(logits, tau=temperature, dim=2)[..., 0]
    closed = shares.shape[1] - n_open
    return torch.cat((torch.ones_like(shares[:, :closed]), shares[:, closed:]), dim=1)


def sparsity_loss(logits: Tensor) -> Tensor:
    """Return how far policies are from skipping everything: −log of the probability to skip, mean over blocks.

    Args:
        logits: ``[n_tasks, n_blocks, 2]``; the result is the sum over tasks.
    """
    return -logits.log_softmax(dim=2)[..., 1].mean(dim=1).sum()


def sharing_loss(logits: Tensor) -> Tensor:
    """Return how much the policies of pairs of tasks differ: Σ (L − l)/L · difference of probabilities to select.

    Args:
        logits: ``[n_tasks, n_blocks, 2]``; block l counts from 0, so the first one counts fully.
    """
    selected = logits.softmax(dim=2)[..., 0]
    n_tasks, n_blocks = selected.shape
    weights = 1 - torch.arange(n_blocks, device=logits.device) / n_blocks
    pairs = torch.triu_indices(n_tasks, n_tasks, offset=1, device=logits.device)
    return (weights * (selected[pairs[0]] - selected[pairs[1]]).abs()).sum()


@dataclass(slots=True)
class SearchTrainer(Trainer):
    """The search: weights and policy take turns, step by step.

    Args:
        method: Options of the search.
    """

    method: AdaShareMethod = field(default_factory=AdaShareMethod)

    def train_step(self, optimizer: torch.optim.Optimizer, step: int, rows: Tensor) -> Tensor:
        """Make one step of the weights, or one of the policy, and return the loss of each task."""
        rate = self.settings.learning_rate * SCHEDULES[self.settings.schedule](step / self.n_steps)
        for group in optimizer.param_groups:
            group["lr"] = rate
        search = self.network
        assert isinstance(search, PolicySearch)
        pictures, targets = self.train.batch(rows)
        logits = search.logits.detach().clone().requires_grad_(True)
        n_open = self.n_open(step)
        # From the step alone, so that a training that was resumed draws the same.
        with seeded(self.seed, f"policy at step {step}"):
            shares = drawn(logits, self.temperature(step), n_open)
        of_policy = step % 2 == 1
        outputs = search.network.mixed(pictures, shares if of_policy else shares.detach())
        losses = torch.stack(
            [
                loss_of(task.kind, complete=complete)(outputs[number], target)
                for number, (task, complete, target) in enumerate(
                    zip(self.tasks, self.train.complete, targets, strict=True)
                )
            ]
        )
        if of_policy:
            wanted = self.method.sparsity * sparsity_loss(logits[:, logits.shape[1] - n_open :])
            wanted = wanted + self.method.sharing * sharing_loss(logits)
            (gradient,) = torch.autograd.grad(losses.sum() + wanted, logits)
            search.learn(gradient)
        else:
            optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(losses.sum())
            optimizer.step()
        return losses.detach()

    def temperature(self, step: int) -> float:
        """Return the temperature of the Gumbel softmax at a step."""
        first, last = self.method.temperature, self.method.end_temperature
        return float(first * (last / first) ** (step / max(self.n_steps - 1, 1)))

    def n_open(self, step: int) -> int:
        """Return how many of the last skippable blocks may be skipped at a step: one at first, all from half way on."""
        search = self.network
        assert isinstance(search, PolicySearch)
        n_blocks = search.logits.shape[1]
        return min(1 + int(2 * n_blocks * step / self.n_steps), n_blocks)


def train_adashare(session: Session, network: AdaShare, method: AdaShareMethod) -> AdaShare:
    """Warm up, search the policy, and train with it; return the network.

    Args:
        session: Data and settings; all parts together are as long as any training of the study.
        network: Untrained.
        method: Its options.

    Raises:
        Stopped: Somebody stopped it.
        FamilyError: A loss became not-a-number.
    """
    first, search_epochs, last = method.epochs(session.run.settings.epochs)
    warm = session.train("the warm-up", network, first)
    search = PolicySearch(copy.deepcopy(warm)).requires_grad_(True)
    found = session.train("the search", search, search_epochs, make=partial(SearchTrainer, method=method))
    warm.fix(found.choice())
    return session.train("the training with the policy", warm.requires_grad_(True), last)
