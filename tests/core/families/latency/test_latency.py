"""Measured latency: what is timed, what a result may be, and which costs come from it."""

import numpy as np
import pytest

from core.costs import CostQuestion, Unit
from core.data.planted import planted_tasks
from core.errors import StudyError
from core.families.latency.measure import network_blocks
from core.families.latency.runs import expand
from core.runs.result import Environment, RunResult, RunState
from core.studies.latencies import Latencies
from core.studies.specification import parse_study
from core.studies.study import assemble
from core.studies.study_plane import StudyPlane
from core.training.prepare_study import profile
from core.training.turns import quartiles_in_turn, seconds_in_turn

TEXT = """
name = "timed"
tasks = ["task A", "task B"]
dataset = { name = "planted", tree = "0,1 | 0;1", n_train = 48, n_validation = 16, n_test = 16, size = 16 }
[backbone]
width = 4
blocks = 2
[latency]
repeats = 7
[virtual]
units = 2
networks = [{ name = "nearest" }]
[widened]
widths = [3, 8]
"""


@pytest.fixture(scope="module")
def study():
    return parse_study(TEXT)


def _result(seconds):
    environment = Environment(device="cpu", machine="a machine", threads=1, versions={}, instructions="AVX2")
    payload = {"seconds": seconds, "measured": "2026-11-28"}
    return RunResult(state=RunState.DONE, seconds=1.0, environment=environment, payload=payload)


def test_the_backbone_and_what_is_no_sum_over_it_is_timed(study):
    (run,) = expand(study)
    assert [network.name for network in run.networks] == ["", "level 1 of 2", "level 2 of 2", "width 3", "width 8"]
    networks = [network_blocks(network, (16, 16)) for network in run.networks]
    assert {len(blocks) for blocks in networks} == {2}
    own, low, high, narrow, wide = (sum(p.numel() for b in blocks for p in b.parameters()) for blocks in networks)
    assert own == high > narrow > low  # width 3 of 4, and half of the channels
    assert wide > 3 * own


def test_a_study_takes_what_was_measured(study):
    (run,) = expand(study)
    whole = [[[0.9 * n, 1.0 * n, 1.2 * n] for n in (1, 3)] for _ in run.networks]
    tasks, backbone = planted_tasks(study.dataset)[:2], profile(study.backbone, (16, 16))
    found = assemble(study, tasks, backbone, {run.key: _result(whole)})
    assert [block.latency for block in found.backbone.blocks] == [1.0, 3.0]
    known = found.result(Latencies)
    assert known.total("widened", "width 8") == 4
    assert known.spread == pytest.approx(0.2)
    assert "20 %" in known.words
    assert StudyPlane(found).independent(CostQuestion.ALL_TASKS, Unit.LATENCY) == 8
    before = assemble(study, tasks, backbone, {})
    assert before.result(Latencies) is None


@pytest.mark.parametrize("seconds", [[[[1, 2, 3]] * 2] * 4, [[[1, 2, 3]]] * 5, [[[2, 1, 3]] * 2] * 5])
def test_a_result_of_other_blocks_is_none(study, seconds):
    (run,) = expand(study)
    with pytest.raises(StudyError):
        run.check(_result(seconds))


def test_pictures_need_a_known_size():
    own = 'dataset = { name = "python", factory = "mine:data" }'
    with pytest.raises(StudyError, match="known size"):
        parse_study(TEXT.replace(TEXT.splitlines()[3], own))


def test_quartiles_are_of_calls_made_in_turn():
    import torch
    from torch import nn

    order: list[int] = []

    class Noted(nn.Module):
        def __init__(self, number):
            super().__init__()
            self.number = number

        def forward(self, x):
            order.append(self.number)
            return x

    networks, x = [Noted(0), Noted(1)], torch.zeros(1)
    found = quartiles_in_turn([(network, x) for network in networks], repeats=5)
    turns = [tuple(order[n : n + 2]) for n in range(0, 12, 2)]
    assert {*turns} == {(0, 1), (1, 0)}
    assert found.shape == (2, 3)
    assert (np.diff(found, axis=1) >= 0).all()
    assert quartiles_in_turn([(networks[0], x)], repeats=5, look=lambda *_: False) is None
    assert len(seconds_in_turn(networks, x, repeats=1)) == 2
