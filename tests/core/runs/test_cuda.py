"""Every kind of training on a graphics card, where there is one."""

from itertools import count

import pytest
import torch
from safetensors.torch import load_file

from core.runs.result import RunState
from core.studies.family import kinds
from core.training.execute import execute
from core.training.workplace import Workplace
from tests.core.runs.test_every_kind import SAMPLES

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is present")
TRAININGS = sorted(kind for kind, run in kinds().items() if run.is_training or kind == "similarity")


@pytest.mark.parametrize("device", ["cuda", "auto"])
@pytest.mark.parametrize("kind", TRAININGS)
def test_it_is_carried_out_on_the_card(kind, device, tmp_path):
    run = SAMPLES[kind]
    done, weights = execute(kind, run.model_dump_json(), Workplace(tmp_path, keep_weights=True), device=device)
    assert done.state is RunState.DONE, done.sentence
    assert done.environment.device == torch.cuda.get_device_name(0)
    assert (weights is not None) == run.can_keep_weights
    run.check(done)


@pytest.mark.parametrize("kind", ["layout", "multipath"])
def test_a_run_resumed_on_the_card_ends_near_one_that_was_never_stopped(kind, tmp_path):
    run, asked = _twice_as_long(SAMPLES[kind]), count(1)
    whole = _weights(run, Workplace(tmp_path / "whole", keep_weights=True))
    stopped, _ = execute(
        kind, run.model_dump_json(), Workplace(tmp_path / "again", should_stop=lambda: next(asked) > 1), device="cuda"
    )
    assert stopped.state is RunState.CANCELLED, stopped.sentence
    assert _distance(_weights(run, Workplace(tmp_path / "again", keep_weights=True)), whole) < 0.01


def test_sixteen_bits_are_near_thirty_two(tmp_path):
    run = SAMPLES["layout"]
    short = run.model_copy(update={"training": run.training.model_copy(update={"precision": "bfloat16"})})
    fine, coarse = (_weights(each, Workplace(tmp_path, keep_weights=True)) for each in (run, short))
    assert 0 < _distance(coarse, fine) < 0.05


def _twice_as_long(run):
    longer = run.training.model_copy(update={"epochs": 2 * run.training.epochs})
    return run.model_copy(update={"training": longer})


def _weights(run, place):
    done, name = execute(run.kind, run.model_dump_json(), place, device="cuda")
    assert done.state is RunState.DONE, done.sentence
    run.check(done)
    (file,) = place.home.rglob(name)
    tensors = load_file(file)
    return torch.cat([tensors[key].double().flatten() for key in sorted(tensors)])


def _distance(one, other):
    return float((one - other).norm() / other.norm())
