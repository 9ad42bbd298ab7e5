import pytest
import torch
from torch.nn import functional

from core.data.federated import Length
from core.errors import FamilyError
from core.families.treednn.branch import BranchPlan
from core.families.treednn.generalised import GeneralisedTrainer
from core.families.treednn.network import TreeDNN, digests
from core.networks.plan import BackbonePlan
from core.studies.specification import TrainingSettings
from core.tasks import Kind, Task
from core.training.environment import threads
from core.training.loop import End
from core.training.tensors import Tensors

SIZE = (16, 16)
PLAN = BackbonePlan("small_residual(width=4)", SIZE)
TASKS = tuple(Task.usual(name, Kind.CLASSIFICATION, 3) for name in ("a", "b"))
SETTINGS = TrainingSettings(batch_size=8, epochs=3)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    with threads(1):
        yield


def samples(n: int, seed: int) -> Tensors:
    """Give pictures whose brightness tells their class."""
    rng = torch.Generator().manual_seed(seed)
    targets = torch.arange(n) % 3
    pictures = 0.3 * torch.randn(n, *SIZE, 3, generator=rng) + (targets - 1.0)[:, None, None, None]
    return Tensors(pictures, (targets,), (True,))


def trainer(settings: TrainingSettings = SETTINGS, **options) -> GeneralisedTrainer:
    torch.manual_seed(0)
    tree = TreeDNN.build(PLAN, 2, [BranchPlan(task.name, task, SIZE) for task in TASKS])
    return GeneralisedTrainer(tree, TASKS, settings, 5, [samples(30, 1), samples(11, 2)], **options)


def test_both_branches_learn():
    told = []
    made = trainer(TrainingSettings(batch_size=8, epochs=20, average=0.9))
    outcome = made.run(progress=lambda *at: told.append(at))
    assert outcome.end is End.DONE
    assert outcome.step == made.n_batches == 20 * 8
    assert told[-1][:2] == (160, 160)
    assert set(outcome.curve[0].losses) == {"a", "b"}
    tree = outcome.network
    assert isinstance(tree, TreeDNN)
    for place, data in enumerate((samples(30, 7), samples(30, 8))):
        pictures, (targets,) = data.batch(slice(None))
        with torch.no_grad():
            assert (tree(pictures, place).argmax(1) == targets).float().mean() > 0.9


def test_the_same_seed_gives_the_same_tree_bit_for_bit():
    assert digests(trainer().run().network) == digests(trainer().run().network)


def test_a_branch_learns_from_its_own_rows_only():
    """Other targets of b change b's branch and, through it, the trunk in the next step, but not a's first step."""
    one, other = trainer(), trainer()
    other.train[1].targets[0].fill_(1)
    for made in (one, other):
        made.tree.trunk.requires_grad_(False)
        batch = next(iter(made.loader.epoch(0)))
        made.losses(batch).sum().backward()
    grads = [[p.grad for p in made.tree.branch("a").parameters()] for made in (one, other)]
    assert all(torch.equal(x, y) for x, y in zip(*grads, strict=True))
    grads = [[p.grad for p in made.tree.branch("b").parameters()] for made in (one, other)]
    assert not all(torch.equal(x, y) for x, y in zip(*grads, strict=True))


def test_weights_multiply_a_branch_s_loss_and_nothing_else():
    settings = TrainingSettings(epochs=1, batch_size=60, optimizer="sgd", weight_decay=0, average=0)
    moved = []
    for weights in ((1, 1), (0, 2)):
        made = trainer(settings, weights=weights)
        heads = [made.tree.branch(name).head.linear for name in ("a", "b")]
        before = [head.weight.detach().clone() for head in heads]
        made.run()
        moved.append([head.weight - start for head, start in zip(heads, before, strict=True)])
    assert torch.equal(moved[1][0], torch.zeros_like(moved[1][0]))
    torch.testing.assert_close(moved[1][1], 2 * moved[0][1])


def test_the_losses_are_those_of_each_branch_alone():
    made = trainer()
    made.tree.eval()
    batch = next(iter(made.loader.epoch(0)))
    found = made.losses(batch)
    for place, (pictures, (targets,)) in enumerate(batch):
        expected = functional.cross_entropy(made.tree(pictures, place), targets)
        torch.testing.assert_close(found[place], expected)


def test_by_the_letter_of_the_paper_there_is_one_step_per_epoch(monkeypatch):
    settings = TrainingSettings(batch_size=8, epochs=2, optimizer="sgd", weight_decay=0, average=0)
    made, steps, step = trainer(settings, length=Length.PAPER), [], torch.optim.SGD.step
    monkeypatch.setattr(torch.optim.SGD, "step", lambda self: (steps.append(1), step(self)))
    outcome = made.run()
    assert len(made.loader) == 4
    assert outcome.step == 8
    assert len(steps) == 2


def test_interrupted_it_goes_on_to_the_same_end(tmp_path):
    whole = trainer().run()
    looks = iter([False] * 1)
    first = trainer().run(checkpoint=tmp_path / "x.safetensors", should_stop=lambda: next(looks, True))
    assert first.end is End.STOPPED
    second = trainer().run(checkpoint=tmp_path / "x.safetensors")
    assert digests(second.network) == digests(whole.network)
    assert second.curve == whole.curve
    # Once more from the end: nothing is trained again.
    assert digests(trainer().run(checkpoint=tmp_path / "x.safetensors").network) == digests(whole.network)


def test_a_loss_that_is_no_number_ends_it():
    wild = trainer()
    with torch.no_grad():
        wild.tree.trunk[0][0].weight.fill_(float("nan"))
    outcome = wild.run()
    assert (outcome.end, outcome.step) == (End.DIVERGED, 0)


@pytest.mark.parametrize("weights", [(1.0,), (0.0, 0.0), (1.0, -1.0), (1.0, float("nan"))])
def test_weights_that_can_t_be_used_are_one_sentence(weights):
    with pytest.raises(FamilyError, match=r"Give (one for each|finite numbers)"):
        trainer(weights=weights)
