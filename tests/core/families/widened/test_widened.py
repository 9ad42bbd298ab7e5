"""A layout on backbones of other widths: requests, runs, costs and gains."""

import numpy as np
import pytest

from core.backbones import Backbone, Block
from core.costs import CostQuestion, Unit
from core.data import store
from core.errors import StudyError
from core.families.single.runs import single_run
from core.families.widened.payload import WidenedPayload
from core.families.widened.points import width_cost, width_points
from core.families.widened.runs import expand, width_runs
from core.layouts import Layout
from core.studies.specification import parse_study
from core.studies.study import assemble
from core.training.execute import execute
from core.training.workplace import Workplace

TEXT = """
name = "wide"
tasks = ["task A", "task B"]
dataset = { name = "planted", tree = "0,1 | 0;1", n_train = 48, n_validation = 16, n_test = 16, size = 16 }
[backbone]
width = 2
blocks = 2
[training]
epochs = 1
batch_size = 16
[widened]
seeds = [5]
widths = [3, 4]
"""
BLOCKS = WidenedPayload(params=(10, 100), macs=(7, 70))


def test_widths_are_trained_beside_single_task_networks_of_the_studys_own_width():
    study = parse_study(TEXT)
    runs = expand(study)
    assert [run.kind for run in runs] == ["layout", "layout", "widened", "widened"]
    assert [run.key for run in runs[:2]] == [single_run(study, task, 5).key for task in range(2)]
    assert len({run.key for run in runs}) == 4
    assert runs[2].network.backbone.width == 3
    assert runs[2].network.key != runs[2].key


def test_a_layout_that_is_split_at_the_input_is_a_run_for_each_network():
    study = parse_study(TEXT + 'layout = "0;1 | 0;1"')
    assert [run.tasks for run in width_runs(study, 3, 5)] == [("task A",), ("task B",)]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("[3, 4]", "[3, 2]", "width of the backbone itself"),
        ("[3, 4]", "[3, 3]", "one width twice"),
        ("[3, 4]", '[3, 4]\nlayout = "0,1"', "Write the same numbers"),
        ("[3, 4]", '[3, 4]\nlayout = "0;1 | 0,1"', "widened.layout: "),
        ("width = 2", 'name = "thin-vgg16"', "small-residual"),
        ("[3, 4]", "[]", "widened.widths"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_one_sentence(old, new, sentence):
    with pytest.raises(StudyError, match=sentence) as caught:
        parse_study(TEXT.replace(old, new))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("question", "unit", "expected"),
    [
        (CostQuestion.STORED, Unit.PARAMETERS, 210),
        (CostQuestion.STORED, Unit.BYTES, 840),
        (CostQuestion.ALL_TASKS, Unit.MACS, 147),
        (CostQuestion.ONE_TASK, Unit.MACS, 77),
        (CostQuestion.RESIDENT, Unit.PARAMETERS, 110),
        (CostQuestion.ALL_TASKS, Unit.LATENCY, 0.021),
        (CostQuestion.ONE_TASK, Unit.LATENCY, 0.011),
        (CostQuestion.STORED, Unit.MACS, None),
    ],
)
def test_a_network_costs_its_copies_of_blocks(question, unit, expected):
    layout, seconds = Layout.parse("0,1 | 0;1"), np.array([0.001, 0.01])
    assert width_cost(BLOCKS, layout, question, unit, seconds) == pytest.approx(expected)
    if unit is Unit.LATENCY:
        assert width_cost(BLOCKS, layout, question, unit) is None


def test_a_trained_network_says_what_its_blocks_cost_and_is_a_point(tmp_path):
    study = parse_study(TEXT)
    place, done = Workplace(tmp_path), {}
    for run in expand(study):
        done[run.key], _ = execute(run.kind, run.model_dump_json(), place)
    run = width_runs(study, 4, 5)[0]
    run.check(done[run.key])
    with pytest.raises(StudyError, match="other blocks"):
        run.check(done[run.key].model_copy(update={"params": done[run.key].params + 1}))
    tasks = store.load(study.dataset, folder=tmp_path / "cache").tasks[:2]
    backbone = Backbone("small", tuple(Block(f"block {b}", 1, 1, (2, 8, 8)) for b in range(2)))
    whole = assemble(study, tasks, backbone, done)
    narrow, wide = width_points(whole, CostQuestion.STORED, Unit.PARAMETERS)
    assert (narrow.label, wide.label) == ("width 3", "width 4")
    assert wide.cost(CostQuestion.STORED, Unit.PARAMETERS) == done[run.key].params - done[run.key].head_params
    assert wide.gain == pytest.approx(np.mean(wide.gains))
    assert wide.n_seeds == 1
    assert wide.interval is None
