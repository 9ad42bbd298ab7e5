"""What earlier tasks keep while later ones are learned."""

import numpy as np
import pytest

from app.virtual.sequence import stages_figure
from app.virtual.sequence_model import all_held, held, lost_sentence, sequence_frame, sequences
from core.families.rivals.method import LwfMethod, PackNetMethod
from core.families.rivals.results import RivalResults, RivalScores
from core.families.virtual.results import VirtualResults


@pytest.fixture
def results(study_of):
    return study_of("virtual").result(VirtualResults)


def test_each_task_is_followed_from_its_turn_to_the_end(results):
    kept, lost = (held(network, 3, "test") for network in sequences(results))
    assert [len(each.stages) for each in kept] == [3, 2, 1]
    # The made-up network loses .25 with each later task without distillation, and .002 with it.
    assert [each.change.value for each in lost] == pytest.approx([-0.5, -0.25, 0.0])
    assert [each.change.value for each in kept] == pytest.approx([-0.004, -0.002, 0.0])
    network = sequences(results)[1]
    assert lost[0].stages[-1].value == pytest.approx(network.values["test"][:, 0, 3].mean())


def test_what_is_lost_is_said_for_each_network(results):
    said = lost_sentence(results, 0, "test")
    assert "in sequence (with distillation) −0.3 ± 0.0" in said
    assert "without distillation −37.5" in said


def test_the_table_has_every_task_of_every_sequence(results):
    frame = sequence_frame(results, None, 1, "validation")
    assert frame["task"].tolist() == 2 * [task.name for task in results.tasks]
    assert frame["change"].tolist()[2] == "last"
    assert frame["change"].tolist()[3] == "−50.0 ± 0.0"


def test_rivals_that_learn_in_sequence_stand_beside(results):
    stages = np.full((3, 3, 3), np.nan)
    for stage in range(3):
        stages[:, stage, : stage + 1] = 0.9 - 0.1 * stage
    nothing = {split: np.zeros((3, 3)) for split in ("validation", "test")}
    methods = (
        RivalScores("LwF", LwfMethod(), nothing, nothing, (), {"test": stages, "validation": stages}),
        RivalScores("PackNet", PackNetMethod(), nothing, nothing),
    )
    rivals = RivalResults((0, 1, 2), results.tasks, methods, nothing)
    found = all_held(results, rivals, 0, "test")
    assert [each[0].network for each in found] == ["in sequence", "without distillation", "LwF"]
    assert [each.change.value for each in found[-1]] == pytest.approx([-0.2, -0.1, 0.0])
    frame = sequence_frame(results, rivals, 0, "test")
    assert frame["change"].tolist()[-3:] == ["−20.0 ± 0.0", "−10.0 ± 0.0", "last"]


def test_every_network_has_a_panel(results):
    found = [held(network, 3, "test") for network in sequences(results)]
    figure = stages_figure(found, ["a", "b", "c"], "accuracy")
    assert [len(trace.x) for trace in figure.data] == [3, 2, 1, 3, 2, 1]
    assert [annotation.text for annotation in figure.layout.annotations] == [
        "in sequence (with distillation)", "without distillation",
    ]  # fmt: skip
