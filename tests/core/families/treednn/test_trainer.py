"""Both phases on real data sets, small: who learns, and above all who does not change."""

import copy

import pytest
import torch

from core.data import store
from core.data.federated import Length
from core.errors import DataError, FamilyError
from core.families.treednn.branch import BranchPlan
from core.families.treednn.network import digests
from core.families.treednn.trainer import TreeTrainer, TreeTraining
from core.networks.plan import BackbonePlan
from core.studies.dataset_specification import DigitsSpecification, PlantedSpecification, ScenesSpecification
from core.studies.specification import TrainingSettings
from core.training.environment import threads
from core.training.federated import Member

SIZE = (16, 16)
PLAN = BackbonePlan("small_residual(width=4)", SIZE)
TRAINING = TreeTraining(
    TrainingSettings(batch_size=24, epochs=2, average=0.5), TrainingSettings(batch_size=16, epochs=2, average=0.5)
)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    with threads(1):
        yield


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache")
    digits = store.load(DigitsSpecification(name="digits", size=16, n_train=90), folder=folder)
    scenes = store.load(ScenesSpecification(n_train=40, n_validation=20, n_test=20, size=20), folder=folder)
    planted = store.load(
        PlantedSpecification(name="planted", n_train=60, n_validation=40, n_test=40, size=16), folder=folder
    )
    return (
        Member.of("digits", digits, "class"),
        Member.of("far", scenes, "depth"),
        Member("planted", planted, planted.tasks[0]),
    )


def trainer(members, **options) -> TreeTrainer:
    return TreeTrainer(PLAN, 2, members, options.pop("training", TRAINING), seed=1, **options)


def trained(made):
    """Return the tree after both phases, as the runs of a study train it; None where it was stopped."""
    tree = made.generalised()
    if tree is None or not all(made.specialise(tree, member) for member in made.members):
        return None
    return tree


@pytest.fixture(scope="module")
def grown(members):
    return trained(trainer(members))


def test_every_branch_and_its_rival_are_measured_on_both_splits(grown, members):
    made = trainer(members)
    for member in members:
        for network in (grown.path(member.name), made.dedicated(member)):
            found = made.evaluate(network, member)
            assert set(found.metrics) == set(found.samples) == {"validation", "test"}
            assert set(found.metrics["test"][member.name]) == {metric.name for metric in member.task.metrics}
            assert len(found.samples["test"][member.name].values()) == len(member.dataset.test)
    assert set(made.curves) == {f"dedicated {member.name}" for member in members}
    assert grown.trunk_is_frozen


def test_progress_counts_to_the_end_of_every_part(members):
    told = []
    tree = trainer(members, progress=lambda *at: told.append(at[:2])).generalised()
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    assert tree.trunk_is_frozen


def test_the_same_seed_gives_the_same_tree(grown, members):
    assert digests(trained(trainer(members))) == digests(grown)


def test_specialising_one_branch_leaves_trunk_and_others_bit_for_bit(grown, members):
    tree = copy.deepcopy(grown)
    before, x = digests(tree), torch.randn(4, 3, *SIZE)
    with torch.no_grad():
        answers = [tree(x, place) for place in range(3)]
    made = trainer(members, training=TreeTraining(specialised=TrainingSettings(batch_size=16, epochs=1)))
    assert made.specialise(tree, members[1])
    after = digests(tree)
    assert {name for name in before if before[name] != after[name]} == {"far"}
    with torch.no_grad():
        assert all(torch.equal(tree(x, place), answers[place]) for place in (0, 2))
        assert not torch.equal(tree(x, 1), answers[1])


def test_features_of_the_trunk_or_the_trunk_itself_give_the_same_branch(members):
    trees = []
    for most in (10**9, 0):
        made = trainer(
            members, training=TreeTraining(TRAINING.generalised, TRAINING.specialised, most_feature_bytes=most)
        )
        tree = made.generalised_trainer().tree.eval()
        made.specialise(tree, members[0])
        trees.append(tree)
    for one, other in zip(trees[0].parameters(), trees[1].parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def test_grafting_changes_nothing_that_was_there(grown, members):
    tree = copy.deepcopy(grown)
    before, x = digests(tree), torch.randn(4, 3, *SIZE)
    with torch.no_grad():
        answers = {name: tree(x, name) for name in tree.names}
    parity = Member.of("parity", members[0].dataset, "parity")
    assert trainer([parity]).graft(tree, parity, like="digits")
    after = digests(tree)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"parity"}
    with torch.no_grad():
        assert all(torch.equal(tree(x, name), answer) for name, answer in answers.items())
    assert trainer([parity]).evaluate(tree.path("parity"), parity).metrics["test"]["parity"]["accuracy"] > 0.5
    with pytest.raises(FamilyError, match="already"):
        trainer([parity]).graft(tree, parity)
    tree.prune("parity")
    assert digests(tree) == before


def test_a_graft_that_is_stopped_leaves_no_branch(grown, members):
    tree = copy.deepcopy(grown)
    before, parity = digests(tree), Member.of("parity", members[0].dataset, "parity")
    assert not trainer([parity], should_stop=lambda: True).graft(tree, parity)
    assert digests(tree) == before


def test_a_dedicated_network_starts_where_the_tree_started(members):
    """Same blocks, same head: what differs is sharing and not luck."""
    made = trainer(members)
    alone, tree = made.dedicated_trainer(members[1]).network, made.generalised_trainer().tree
    for one, other in zip(alone.parameters(), tree.path("far").parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("after", [0, 1, 3])
def test_stopped_anywhere_it_gives_nothing_and_goes_on_from_there(members, grown, tmp_path, after):
    made = trainer(members, drafts=tmp_path)
    made.should_stop = lambda: len(made.curves) >= after
    assert trained(made) is None
    again = trainer(members, drafts=tmp_path)
    assert digests(trained(again)) == digests(grown)
    again.forget_drafts()
    assert list(tmp_path.iterdir()) == []


def test_branches_may_differ_from_their_dedicated_network(members):
    wanted = [BranchPlan(m.name, m.task, m.dataset.size, width=0.5 if m.name == "far" else 1.0) for m in members]
    training = TreeTraining(
        TRAINING.generalised.model_copy(update={"epochs": 1}), TRAINING.specialised, (1, 2, 0.5), Length.SHORTEST
    )
    made = trainer(members, wanted=wanted, training=training)
    found = made.evaluate(trained(made).path("far"), members[1])
    assert found.metrics["test"]["far"]["absolute error"] > 0


def test_a_training_that_diverges_is_named(members):
    wild = TreeTraining(
        TrainingSettings(batch_size=24, epochs=2, learning_rate=10, optimizer="sgd"), TRAINING.specialised
    )
    made = trainer(members, training=wild)
    tree = made.generalised_trainer().tree
    with torch.no_grad():
        tree.branch("digits").head.linear.weight.fill_(float("nan"))
    with pytest.raises(FamilyError, match="of specialised digits"):
        made.specialise(tree, members[0])


@pytest.mark.parametrize(
    ("change", "fault", "part"),
    [
        ({"cut": 9}, FamilyError, "from 0 to 5"),
        ({"members": ()}, FamilyError, "0 branches"),
        ({"training": TreeTraining(TrainingSettings(batch_size=2))}, DataError, "at least 3"),
        ({"training": TreeTraining(weights=(1.0,))}, FamilyError, "1 weights"),
    ],
)
def test_what_can_t_be_grown_is_one_sentence(members, change, fault, part):
    asked = {"plan": PLAN, "cut": 2, "members": members, "training": TRAINING} | change
    with pytest.raises(fault, match=part):
        TreeTrainer(**asked).generalised()


def test_branches_and_data_sets_must_agree(members):
    with pytest.raises(FamilyError, match="same order"):
        trainer(members, wanted=[BranchPlan("x", members[0].task, SIZE)])
