"""One contract for the networks of all methods."""

import tempfile
from pathlib import Path

import pytest
import torch
from torch import nn

from core.errors import FamilyError
from core.families.rivals.grouped_nestednet import GroupedNestedNet
from core.families.rivals.method import SEQUENTIAL, title_of
from core.families.rivals.network import parts_of
from core.families.rivals.train import payload_of, train_rival
from core.families.rivals.weights import to_bytes, trained_rival
from core.networks.tree import count_parameters
from core.runs.result import RunState
from core.training.workplace import Workplace
from tests.core.families.rivals.networks import BACKBONE, METHODS, PICTURES, SIZE, TASKS, fresh, training_of


@pytest.fixture(params=METHODS, ids=title_of)
def trained(request):
    return training_of(request.param)


class TestEveryMethod:
    def test_it_is_trained_and_measured(self, trained):
        run, result, weights, _ = trained
        assert result.state is RunState.DONE, result.sentence
        assert weights
        assert {task for split in result.metrics.values() for task in split} == {*run.tasks}
        run.check(result)

    def test_it_makes_as_many_steps_as_any_network_of_the_study(self, trained):
        run, result, *_ = trained
        # Methods that train each task on its own make as many steps as that many single-task networks.
        assert result.steps == 3 * (64 // 16) * (len(TASKS) if run.method.name in SEQUENTIAL else 1)
        assert [point.step for point in result.curve] == sorted({point.step for point in result.curve})

    def test_shapes(self, trained):
        *_, network = trained
        outputs = network(PICTURES)
        assert {task: out.shape for task, out in outputs.items()} == dict.fromkeys(range(3), (6, 4))

    def test_one_task_answers_as_among_all(self, trained):
        *_, network = trained
        whole = network(PICTURES)
        for task in range(3):
            assert torch.equal(network.path(task)(PICTURES), whole[task])

    def test_the_payload_counts_what_is_there(self, trained):
        run, result, _, network = trained
        payload = payload_of(network, SIZE)
        assert payload.model_dump(mode="json", exclude={"stages"}) | {"stages": result.payload["stages"]} == (
            result.payload
        )
        assert payload.fits(run.method, 3, 5)
        unlearned = sum(score.numel() for score in getattr(network, "scores", ()))
        held = count_parameters(network) - count_parameters(network.heads) - unlearned
        assert payload.stored_params == held
        assert payload.resident_params <= payload.stored_params
        assert all(0 < used <= payload.stored_params for used in payload.used_params)
        assert max(payload.macs) <= payload.macs_for_all <= sum(payload.macs)
        assert all(0 < some <= every for some, every in zip(payload.nonzero_macs, payload.macs, strict=True))

    def test_initial_weights_are_those_of_every_network_of_the_seed(self, trained):
        run, *_ = trained
        blocks, heads = parts_of(BACKBONE, TASKS, SIZE, run.seed)
        network = fresh(run.method)
        if not isinstance(network, GroupedNestedNet):
            for one, other in zip(network.heads, heads, strict=True):
                assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
        own = dict(network.named_parameters())
        weights = [w for w in nn.Sequential(*blocks).parameters() if w.ndim > 1]
        assert all(any(w.shape == o.shape and torch.equal(w, o) for o in own.values()) for w in weights)

    def test_weights_come_back_as_they_were(self, trained):
        run, _, weights, network = trained
        assert to_bytes(network) == weights
        with pytest.raises(FamilyError):
            trained_rival(run, TASKS, SIZE, weights[:-8])

    def test_it_trains_the_same_again(self, trained):
        run, result, weights, _ = trained
        again, others = train_rival(run, Workplace(Path(tempfile.mkdtemp()), keep_weights=True))
        assert again.metrics == result.metrics
        assert others == weights

    def test_killed_in_any_part_it_ends_as_if_it_had_not_been(self, trained, tmp_path):
        run, result, weights, _ = trained
        for most in (1, 2, 3, 5):
            asked = iter(range(1000))
            place = Workplace(tmp_path, should_stop=lambda most=most, asked=asked: next(asked) >= most)
            stopped, _ = train_rival(run, place)
            assert stopped.state in (RunState.CANCELLED, RunState.DONE)
        again, others = train_rival(run, Workplace(tmp_path, keep_weights=True))
        assert again.metrics == result.metrics
        assert others == weights
        assert not [*(tmp_path / "checkpoints").glob("*")]
