"""Train the fully shared network and measure, on the way, what a step of each task does to each task's loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from core.errors import AffinityError
from core.families.gradient_affinity.payload import GradientPayload
from core.families.gradient_affinity.runs import GradientAffinityRun
from core.families.single.train import train_tree
from core.networks.rates import parameters_by_rate
from core.networks.state import seeded, unchanged
from core.networks.tree import TreeNetwork
from core.runs.result import RunResult
from core.training.build import build
from core.training.loop import Trainer
from core.training.workplace import Workplace

# What is measured is counted in buffers of the network, so that checkpoints hold it.
_EFFECTS, _COUNTS, _STEPS = "effects", "effects_counted", "effects_steps"

Weights = Sequence[Sequence[tuple[nn.Parameter, float]]]


def train_measured(run: GradientAffinityRun, place: Workplace) -> tuple[RunResult, None]:
    """Return the result of a run; the weights are those of the fully shared layout and are not kept.

    Args:
        run: What to train, and how often to measure.
        place: Where data and checkpoints are, and who receives progress.

    Raises:
        AffinityError: A task has no loss above zero where it is measured, or an effect is no number.
        JobError: The requested device does not exist.
        BranchwiseError: The data set has no such task, or the backbone can't be built.
    """
    data = place.data(run.dataset)
    tasks = tuple(data.task(name) for name in run.tasks)
    network = build(run.backbone, run.tree, tasks, data.size, run.seed)
    prepare(network)
    result = train_tree(
        network,
        run,
        data,
        progress=place.progress,
        should_stop=place.should_stop,
        checkpoint=place.checkpoint(run.key),
        make=partial(EffectTrainer, every=run.every),
    )
    if not result.is_done:
        return result, None
    return result.model_copy(update={"payload": _payload(network, run).model_dump(mode="json")}), None


def prepare(network: TreeNetwork) -> None:
    """Register on a network the buffers that accumulate the effects."""
    n_blocks, n_tasks = network.layout.n_blocks, network.layout.n_tasks
    network.register_buffer(_EFFECTS, torch.zeros(n_blocks, n_tasks, n_tasks))
    network.register_buffer(_COUNTS, torch.zeros(n_tasks, n_tasks))
    network.register_buffer(_STEPS, torch.zeros((), dtype=torch.int64))


@dataclass(slots=True)
class EffectTrainer(Trainer):
    """A training that measures effects before every so many-th step, and is otherwise as it would be without.

    Args:
        every: How often is measured.
    """

    every: int = 10

    def train_step(self, optimizer: torch.optim.Optimizer, step: int, rows: Tensor) -> Tensor:
        """Measure where it is time to, make one step, and return the loss of each task."""
        if step % self.every == 0:
            self.set_rate(optimizer, step)
            self._measure(step, rows, max(group["lr"] / group["factor"] for group in optimizer.param_groups))
        return Trainer.train_step(self, optimizer, step, rows)

    def _measure(self, step: int, rows: Tensor, rate: float) -> None:
        """Add up the effects of a step on these rows on the losses of the next batch."""
        network = self.network
        assert isinstance(network, TreeNetwork)
        epoch, place = divmod(step + 1, self.steps_per_epoch)
        batch = self.rows.batch
        other = self.rows.epoch(epoch)[place * batch : (place + 1) * batch].to(rows.device)
        weights = block_weights(network)
        # Norms count their statistics, and dropout draws: both go on as if nothing had been measured.
        with seeded(network, step), unchanged(network):
            _, losses = self.losses_at(rows)
            steps, is_labelled = gradients(losses, weights), losses.detach() > 0
            _, losses = self.losses_at(other)
            found = effects(steps, gradients(losses, weights), losses.detach(), weights, rate)
        known = is_labelled[:, None] & (losses.detach() > 0)[None]
        network.get_buffer(_EFFECTS).add_(torch.where(known, found, 0.0))
        network.get_buffer(_COUNTS).add_(known)
        network.get_buffer(_STEPS).add_(1)


def block_weights(network: TreeNetwork) -> Weights:
    """Return for each block of a fully shared network its weights that learn, with the factor of their rate."""
    factors = {weight: factor for factor, found in parameters_by_rate(network).items() for weight in found}
    return [[(weight, factors[weight]) for weight in each.parameters() if weight in factors] for each in network.blocks]


def gradients(losses: Tensor, weights: Weights) -> list[Tensor]:
    """Return the gradient of each loss by the weights of each block: for each, ``[n_tasks, n_weights]``.

    Args:
        losses: Of the tasks, ``[n_tasks]``, with their graph, which is used up.
        weights: Of each block.
    """
    flat = [weight for block in weights for weight, _ in block]
    last = len(losses) - 1
    found = [
        torch.autograd.grad(loss, flat, retain_graph=task < last, materialize_grads=True)
        for task, loss in enumerate(losses.unbind())
    ]
    rows = [iter(own) for own in found]
    return [
        torch.stack([torch.cat([losses.new_zeros(0), *(next(row).flatten() for _ in block)]) for row in rows])
        for block in weights
    ]


def effects(steps: Sequence[Tensor], others: Sequence[Tensor], losses: Tensor, weights: Weights, rate: float) -> Tensor:
    """Return by which share of itself a small step of each task on each block lowers each task's loss.

    TAG's 1 − L_j(after i's step) / L_j(before) for a plain gradient step on one block alone, to first order in the
    rate: rate · ⟨g_i, g_j⟩ / L_j, with g_i of the batch of the step and g_j of another. So effects of blocks add up to
    that of a step on all blocks, and one pass backward for each task tells all of them, where the exact ones take one
    pass forward for each task and block. Of one batch, noise that both gradients share would look like help.

    Args:
        steps: Gradients of the losses on the batch of the step, for each block ``[n_tasks, n_weights]``.
        others: The same on the other batch.
        losses: On the other batch, ``[n_tasks]``; where one is 0 the effect is no number.
        weights: Of each block.
        rate: Learning rate.

    Returns:
        ``[n_blocks, n_tasks (of the step), n_tasks (of the loss)]``.

    Reference:
        Fifty et al., Efficiently Identifying Task Groupings for Multi-Task Learning, NeurIPS 2021, eq. 1, which steps
        on all shared weights, by the optimiser, and looks at the same batch; blocks, first order and the other batch
        are ours.
    """
    found = []
    # Products of short numbers would lose what two gradients have in common.
    with torch.autocast(losses.device.type, enabled=False):
        for block, own, other in zip(weights, steps, others, strict=True):
            factors = [own.new_full((weight.numel(),), factor) for weight, factor in block]
            found.append((own * torch.cat([own.new_zeros(0), *factors])) @ other.T)
        return rate * torch.stack(found) / losses


def _payload(network: TreeNetwork, run: GradientAffinityRun) -> GradientPayload:
    counts = network.get_buffer(_COUNTS).double().cpu()
    if bool((counts == 0).any()):
        task = run.tasks[int((counts == 0).any(dim=0).nonzero()[0])]
        raise AffinityError(
            f"No measured batch had a loss of {task} above zero. Measure more often: every = {max(run.every // 2, 1)}."
        )
    found = network.get_buffer(_EFFECTS).double().cpu() / counts
    if not bool(torch.isfinite(found).all()):
        raise AffinityError("A gradient became infinite. Try a lower learning rate.")
    return GradientPayload.model_validate({"effects": found.tolist(), "measured": int(network.get_buffer(_STEPS))})
