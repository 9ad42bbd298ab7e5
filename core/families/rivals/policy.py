"""The search of AdaShare: weights and the tasks' policy learned by turns; its paper is named in ``adashare``."""

import copy
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.adam import adam

from core.families.rivals.adashare import AdaShare
from core.families.rivals.method import AdaShareMethod
from core.families.rivals.session import Session
from core.training.build import seeded
from core.training.loop import Trainer

# Of Adam for the policy, as in the authors' code.
_POLICY_RATE = 0.01
_POLICY_DECAY = 5e-4


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
        self.set_rate(optimizer, step)
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
                loss(outputs[number], target)
                for number, (loss, target) in enumerate(zip(self.train_losses, targets, strict=True))
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
