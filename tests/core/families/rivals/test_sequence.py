"""What methods promise that learn one task after another, without the data of those before it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.data.dataset import Samples
from core.errors import FamilyError
from core.families.rivals.feature_extraction import train_feature_extraction
from core.families.rivals.lwf import HoldingTrainer, learned
from core.families.rivals.method import FeatureExtractionMethod, LwfMethod
from core.families.rivals.network import SomeTasks
from core.families.rivals.session import Session
from core.families.rivals.shared import SharedNetwork, Turn
from core.families.rivals.train import train_rival
from core.families.single.train import train_run
from core.networks.tree import count_parameters
from core.training.answers import predict
from core.training.distillation_loss import distillation_loss
from core.training.tensors import tensors_of_labelled
from core.training.workplace import Workplace
from tests.core.families.rivals.networks import METHODS, PICTURES, TASKS, fresh, run_of, training_of

FEATURES, LWF = METHODS[6:]
HALF = 32


def _session(method, folder, *, spoiled=None, epochs=2):
    """Return a session in which task A is labelled in the first half of the pictures and task B in the second.

    Args:
        method: What is trained.
        folder: Of checkpoints.
        spoiled: What the pictures of the first half are instead.
        epochs: Of each task.
    """
    session = Session.of(run_of(method, epochs=epochs), Workplace(folder))
    samples = session.data.train
    targets = {name: target.copy() for name, target in samples.targets.items()}
    targets["task A"][HALF:] = -1
    targets["task B"][:HALF] = -1
    pictures = samples.pictures.copy()
    if spoiled is not None:
        pictures[:HALF] = spoiled
        targets["task A"][:HALF] = 3 - targets["task A"][:HALF]
    session.data = replace(session.data, train=Samples(pictures, targets))
    return session


def _state(network):
    return {name: value.clone() for name, value in network.state_dict().items()}


def test_only_labelled_rows_are_read(tmp_path):
    session = _session(LWF, tmp_path)
    found = tensors_of_labelled(session.data, "train", session.tasks[1], session.device)
    assert len(found) == HALF
    assert found.complete == (True,)
    whole = session.own(1)["train"]
    assert torch.equal(found.pictures, whole.pictures)
    assert (found.targets[0].numpy() == session.data.train.targets["task B"][HALF:]).all()


class TestLwf:
    def test_a_task_learns_from_no_picture_and_no_label_of_those_before_it(self, tmp_path):
        states = []
        for place, spoiled in enumerate((None, 0, 255)):
            session = _session(LWF, tmp_path / f"{place}", spoiled=spoiled)
            states.append(_state(learned(session, fresh(LWF).eval(), 1, LWF)))
        for name, value in states[0].items():
            assert torch.equal(value, states[1][name])
            assert torch.equal(value, states[2][name])

    def test_steps_are_those_of_the_rows_that_are_labelled(self, tmp_path):
        session = _session(LWF, tmp_path)
        told = []
        session.place = replace(session.place, progress=lambda step, steps, _losses: told.append((step, steps)))
        network = learned(session, fresh(LWF), 0, LWF)
        assert session.step == 2 * (HALF // 16)
        learned(session, network, 1, LWF)
        assert session.step == 2 * 2 * (HALF // 16)
        # Task C is labelled everywhere.
        assert {steps for _, steps in told} == {2 * (2 * (HALF // 16) + 64 // 16)}

    def test_its_loss_is_that_of_the_task_and_of_what_earlier_ones_answered(self, tmp_path):
        session = _session(LWF, tmp_path)
        method = LwfMethod(weight=3.0, temperature=2.5)
        network = fresh(LWF).eval()
        own = session.own(1)
        answers = [answer + 0.5 * torch.randn_like(answer) for answer in predict(SomeTasks(network, [0]), own["train"])]
        trainer = HoldingTrainer(
            Turn(network, 1, [0]), session.tasks[1:2], session.run.settings, 1, **own,
            earlier=session.tasks[:1], answers=answers, method=method,
        )  # fmt: skip
        rows = torch.tensor([3, 0, 17])
        total, losses = trainer.losses_at(rows)
        pictures, targets = own["train"].batch(rows)
        outputs = network(pictures, [0, 1])
        new = torch.nn.functional.cross_entropy(outputs[1], targets[0])
        held = distillation_loss(TASKS[0], outputs[0], answers[0][rows], 2.5)
        assert trainer.loss_names == ("task B", "task A, held")
        assert losses.tolist() == pytest.approx([new.item(), held.item()])
        assert total.item() == pytest.approx(new.item() + 3 * held.item())

    def test_held_answers_change_less_than_others(self, tmp_path):
        changes = {}
        for weight in (0.0, 1.0, 100.0):
            method = LwfMethod(weight=weight)
            session = _session(method, tmp_path / f"{weight}", epochs=6)
            network = learned(session, fresh(method), 0, method)
            pictures = session.own(1)["train"]
            before = predict(SomeTasks(network, [0]), pictures)[0]
            network = learned(session, network, 1, method)
            after = predict(SomeTasks(network, [0]), pictures)[0]
            changes[weight] = float(distillation_loss(TASKS[0], after, before, 2.0))
        assert changes[100.0] < changes[1.0] < changes[0.0]

    def test_all_weights_learn_and_later_heads_wait(self, tmp_path):
        session, network = _session(LWF, tmp_path), fresh(LWF).eval()
        before = _state(network)
        after = _state(learned(session, network, 1, LWF))
        same = {name for name, value in before.items() if torch.equal(value, after[name])}
        assert {name for name in same if "num_batches" not in name} == {
            name for name in before if name.startswith("heads.2.")
        }


class TestFeatureExtraction:
    def test_later_tasks_change_their_head_and_nothing_else(self, tmp_path):
        run, result, *_ = training_of(FEATURES)
        first = run.model_copy(update={"tasks": run.tasks[:2]})
        result_of_two, _ = train_rival(first, Workplace(tmp_path))
        for split in ("validation", "test"):
            stages = result.payload["stages"][split]
            assert [len(stage) for stage in stages] == [1, 2, 3]
            for number, stage in enumerate(stages):
                assert {name: stages[-1][name] for name in run.tasks[: number + 1]} == stage
            # Whatever comes later.
            assert result_of_two.metrics[split] == stages[1]

    def test_features_are_those_of_the_first_task_s_single_network(self, tmp_path):
        """Where every picture is labelled, the first task is trained as its single-task network is."""
        run, result, *_ = training_of(FEATURES)
        single = run.singles[0]
        alone, _ = train_run(single, Workplace(tmp_path))
        assert alone.metrics["test"] == result.payload["stages"]["test"][0]

    def test_a_change_of_an_earlier_task_is_noticed(self, tmp_path):
        class Spoiled(Session):
            def measure(self, network, n_tasks):
                if n_tasks == 2:
                    torch.nn.init.zeros_(network.heads[0].linear.weight)
                super().measure(network, n_tasks)

        run = run_of(FeatureExtractionMethod(), epochs=6)
        session = Spoiled.of(run, Workplace(tmp_path))
        with pytest.raises(FamilyError, match="never should"):
            train_feature_extraction(session, fresh(FEATURES))

    def test_features_that_fit_no_memory_give_the_same(self, tmp_path, monkeypatch):
        _, result, weights, _ = training_of(FEATURES)
        monkeypatch.setattr("core.training.frozen_bottom.Bottom.over.__func__.__kwdefaults__", {"most": 0})
        again, others = train_rival(run_of(FEATURES), Workplace(tmp_path, keep_weights=True))
        assert again.metrics == result.metrics
        assert others == weights


@pytest.mark.parametrize("method", [FEATURES, LWF])
def test_what_is_stored_is_one_network_and_heads(method):
    _, result, _, network = training_of(method)
    assert isinstance(network, SharedNetwork)
    blocks = count_parameters(network.blocks)
    heads = sum(map(count_parameters, network.heads))
    assert result.params == blocks + heads
    with torch.no_grad():
        features = network.features(PICTURES, range(3))
    assert len({id(each) for each in features.values()}) == 1
    assert np.prod(features[0].shape) > 0
