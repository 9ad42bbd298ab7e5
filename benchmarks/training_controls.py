"""Do methods that balance tasks change which layout is best? Layouts of a study trained with and without them.

Run: python benchmarks/training_controls.py [NAME] [--seeds 200 201 202 203 204] [--best 3]. Prints Markdown. Needs
pip install "branchwise[study]".

Every layout is trained with the sum of the losses, with uncertainty weighting, and with UPGrad: each seed with its
own draw, initial weights and orders, the same for all methods. Δ is against single-task networks trained with the
sum, on test samples.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from tree_trials import CPU, Trial, Way, chosen_layouts, options_of, study_of, with_interval

from app.ui.layout_words import layout_sentence
from core.data.dataset import Dataset
from core.estimators.correlation import correlation
from core.families.single.runs import NetworkRun
from core.families.single.train import trainer_of
from core.networks.tree import TreeNetwork
from core.tasks import Kind
from core.training.build import build
from core.training.loop import End, Trainer


def main() -> None:
    """Train every layout with every method and print their gains."""
    asked = options_of(__doc__)
    study, layouts = study_of(asked.name), chosen_layouts(asked.name, asked.best)
    ways = {"sum of losses": trained_by(Trainer), "uncertainty": trained_by(Uncertainty), "UPGrad": trained_by(UpGrad)}
    gains = np.full((len(ways), len(asked.seeds), len(layouts), len(study.tasks)), np.nan)
    for s, seed in enumerate(asked.seeds):
        trial = Trial.of(study, seed)
        for w, way in enumerate(ways.values()):
            for index, layout in enumerate(layouts):
                gains[w, s, index] = trial.gains(layout, way)
    means = gains.mean(axis=3)
    print(f"mean Δ over {len(study.tasks)} tasks, {len(asked.seeds)} seeds, Student's 90 % intervals\n")
    print("| layout | " + " | ".join(ways) + " | " + " | ".join(f"{name} − sum" for name in [*ways][1:]) + " |")
    print("|---" * (2 * len(ways)) + "|")
    for index, layout in enumerate(layouts):
        own = [with_interval(means[w, :, index].tolist()) for w in range(len(ways))]
        more = [with_interval((means[w, :, index] - means[0, :, index]).tolist()) for w in range(1, len(ways))]
        print(f"| {layout_sentence(layout, study.tasks)} | " + " | ".join(own + more) + " |")
    print()
    print("| fully shared, Δ of | " + " | ".join(ways) + " |")
    print("|---" * (len(ways) + 1) + "|")
    for task, name in enumerate(study.tasks):
        cells = [with_interval(gains[w, :, 0, task].tolist()) for w in range(len(ways))]
        print(f"| {name} | " + " | ".join(cells) + " |")
    print()
    for w, name in list(enumerate(ways))[1:]:
        rank = correlation("spearman", means[0].mean(axis=0), means[w].mean(axis=0))
        best = layout_sentence(layouts[int(means[w].mean(axis=0).argmax())], study.tasks)
        print(f"{name}: Spearman of the layouts' mean Δ with that of the sum {rank:.2f}; best: {best}.")
    best = layout_sentence(layouts[int(means[0].mean(axis=0).argmax())], study.tasks)
    print(f"sum of losses: best: {best}.")


def trained_by(trainer: type[Trainer]) -> Way:
    """Return what trains a network by a kind of trainer."""

    def way(run: NetworkRun, data: Dataset) -> TreeNetwork:
        tasks = tuple(data.task(name) for name in run.tasks)
        network = build(run.backbone, run.tree, tasks, data.size, run.seed)
        plain = trainer_of(network, run, data, CPU)
        outcome = trainer(network, tasks, run.training, run.seed, plain.train, plain.validation).run()
        assert outcome.end is End.DONE
        assert isinstance(outcome.network, TreeNetwork)
        return outcome.network

    return way


@dataclass(slots=True)
class Uncertainty(Trainer):
    """Losses divided by the variance of their task, which is learned beside the weights.

    Σ exp(−s_t)·L_t·c_t + s_t/2 with s_t = log σ_t², from 0; c_t is 1 for classes and ½ for numbers. The s_t have the
    weights' learning rate, no weight decay, and an AdamW of their own.

    Reference:
        Kendall, Gal and Cipolla, Multi-Task Learning Using Uncertainty to Weigh Losses, 2018, eqs. 7 and 10.
    """

    _log_variances: Tensor = field(init=False, repr=False)
    _optimizer: torch.optim.Optimizer = field(init=False, repr=False)

    def begin(self) -> None:
        """Put the network into training mode, and start from equal variances."""
        Trainer.begin(self)
        self._log_variances = torch.zeros(len(self.tasks), requires_grad=True)
        self._optimizer = torch.optim.AdamW([self._log_variances], self.settings.learning_rate, weight_decay=0.0)

    def variances(self) -> Tensor:
        """Return σ_t² of each task."""
        return self._log_variances.detach().exp()

    def losses_at(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return the weighted sum, and the losses themselves."""
        _, losses = Trainer.losses_at(self, rows)
        shares = torch.tensor([1.0 if task.kind is Kind.CLASSIFICATION else 0.5 for task in self.tasks])
        return ((-self._log_variances).exp() * shares * losses + self._log_variances / 2).sum(), losses

    def train_step(self, optimizer: torch.optim.Optimizer, step: int, rows: Tensor) -> Tensor:
        """Make one step of the weights and of the variances."""
        self._optimizer.zero_grad()
        losses = Trainer.train_step(self, optimizer, step, rows)
        self._optimizer.param_groups[0]["lr"] = optimizer.param_groups[0]["lr"]
        self._optimizer.step()
        return losses


@dataclass(slots=True)
class UpGrad(Trainer):
    """Gradients of the tasks projected so that no task's loss rises by another's, on what tasks share.

    Weights of one task alone get its own gradient, as in TorchJD's ``mtl_backward``. The aggregate is a mean over
    tasks; it is multiplied by their number, so that it is the sum of the gradients where no two conflict.

    Reference:
        Quinton and Rey, Jacobian Descent for Multi-Objective Optimization, 2024; the code is that of TorchJD.
    """

    def train_step(self, optimizer: torch.optim.Optimizer, step: int, rows: Tensor) -> Tensor:
        """Make one step along the aggregate of the tasks' gradients."""
        self.set_rate(optimizer, step)
        _, losses = self.losses_at(rows)
        parameters = [parameter for parameter in self.network.parameters() if parameter.requires_grad]
        gradients = [
            torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True) for loss in losses.unbind()
        ]
        set_aggregate(parameters, gradients)
        optimizer.step()
        return losses.detach()


def set_aggregate(parameters: Sequence[Tensor], gradients: Sequence[Sequence[Tensor | None]]) -> None:
    """Set the gradient of each parameter: of several tasks the aggregate times their number, of one its own.

    Args:
        parameters: Of the network.
        gradients: Task by task, for each parameter; None where the task does not use it.
    """
    from torchjd.aggregation import UPGrad

    users = [[own[place] for own in gradients] for place in range(len(parameters))]
    shared = [place for place, found in enumerate(users) if sum(each is not None for each in found) > 1]
    for place, (parameter, found) in enumerate(zip(parameters, users, strict=True)):
        own = [each for each in found if each is not None]
        if place not in shared:
            parameter.grad = own[0] if own else None
    if shared:
        rows = [
            torch.cat([torch.zeros(parameters[p].numel()) if own[p] is None else own[p].flatten() for p in shared])
            for own in gradients
        ]
        direction = len(rows) * UPGrad()(torch.stack(rows))
        for place, part in zip(shared, direction.split([parameters[p].numel() for p in shared]), strict=True):
            # In the parameter's own memory order, which a fused optimiser takes for granted.
            parameters[place].grad = torch.empty_like(parameters[place]).copy_(part.view(parameters[place].shape))


if __name__ == "__main__":
    main()
