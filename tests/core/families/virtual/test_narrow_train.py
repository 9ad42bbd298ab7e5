"""Levels trained alone: they are the networks of their level, and learn as single-task networks do."""

import pytest
import torch
from safetensors.torch import load

from core.families.single.tasks_work import task_data
from core.families.virtual.narrow_train import narrow_data, train_narrow, untrained_narrow
from core.families.virtual.payload import NarrowPayload, VirtualPayload
from core.families.virtual.runs import expand, narrow_runs, network_runs
from core.families.virtual.train import train_virtual, untrained
from core.runs.result import RunState
from core.training.evaluation import evaluate
from core.training.workplace import Workplace
from tests.core.families.virtual.study import study_of

STUDY = study_of("units = 2\n")
((RUN,), _) = narrow_runs(STUDY, 0)


def test_it_begins_as_the_level_of_a_deep_virtual_network_that_takes_the_first_units(tmp_path):
    virtual = network_runs(STUDY, 0)[0]
    network = untrained(virtual, task_data(virtual, Workplace(tmp_path)))
    assert network.units((0, 0)) == (0,)
    alone = untrained_narrow(RUN, narrow_data(RUN, Workplace(tmp_path)))
    pictures = torch.rand(4, 3, 16, 16)
    with torch.no_grad():
        assert torch.equal(alone.eval()(pictures)[0], network.eval()(pictures, [(0, 0)])[0, 0])


def test_a_result_counts_what_the_level_of_a_deep_virtual_network_holds(tmp_path):
    place = Workplace(tmp_path, keep_weights=True)
    result, weights = train_narrow(RUN, place)
    assert result.state is RunState.DONE, result.sentence
    RUN.check(result)
    record = RUN.payload_of(result, NarrowPayload).record
    run = network_runs(STUDY, 0)[0]
    whole = run.payload_of(train_virtual(run, place)[0], VirtualPayload)
    assert record == whole.records[0][0]
    # It is answered by what was kept.
    data = narrow_data(RUN, place)
    network = untrained_narrow(RUN, data)
    network.load_state_dict(load(weights))
    assert evaluate(network, data, data.tasks[:1], torch.device("cpu")).metrics == result.metrics


def test_an_interrupted_training_ends_as_an_uninterrupted_one(tmp_path):
    run = RUN.model_copy(update={"training": STUDY.training.model_copy(update={"epochs": 6})})
    whole, expected = train_narrow(run, Workplace(tmp_path / "a", keep_weights=True))
    asked = []

    def stop():
        asked.append(1)
        return len(asked) > 2

    halted, _ = train_narrow(run, Workplace(tmp_path / "b", keep_weights=True, should_stop=stop))
    assert (halted.state, halted.payload) == (RunState.CANCELLED, None)
    again, weights = train_narrow(run, Workplace(tmp_path / "b", keep_weights=True))
    assert (again.metrics, weights) == (whole.metrics, expected)


def test_one_level_alone_is_one_run_for_all_orders():
    more = '[[virtual.networks]]\n[[virtual.networks]]\nname = "cyclic"\norder = "cyclic"\n'
    narrow = [run.key for run in expand(study_of("units = 2\n" + more)) if run.kind == RUN.kind]
    assert narrow == [run.key for run in expand(STUDY) if run.kind == RUN.kind]
    assert len({*narrow}) == 2
    with pytest.raises(ValueError, match="below the last"):
        RUN.model_validate({**RUN.model_dump(), "level": 1})
