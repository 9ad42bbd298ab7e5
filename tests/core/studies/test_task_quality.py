"""Tasks that are not done: closed forms, and networks that answer always the same."""

import numpy as np
import pytest

from core.backbones import Backbone, Block
from core.families.layouts.request import TableRequest
from core.families.layouts.results import deltas
from core.families.layouts.runs import pair_run
from core.families.single.runs import single_run
from core.runs.result import Environment, RunResult, RunState
from core.studies.specification import StudySpecification
from core.studies.study import assemble
from core.studies.task_quality import ClassScores, class_scores, skill, task_qualities
from core.tasks import Kind, Metric, Task

HERE = Environment(device="cpu", machine="here", threads=1, versions={})
TASKS = (Task.usual("keypoints", Kind.REGRESSION_MAP, 1), Task.usual("largest", Kind.CLASSIFICATION, 3))


def study():
    found = StudySpecification(name="s", tasks=("keypoints", "largest"))
    return found.with_request(TableRequest(seeds=(0, 1)))


def result(metrics, constant=None, confusion=None):
    return RunResult(
        state=RunState.DONE,
        metrics={"test": metrics},
        constant={"test": constant or {}},
        confusion={"test": confusion or {}},
        environment=HERE,
    )


def test_scores_of_classes_are_those_of_their_definitions():
    scores = ClassScores(np.array([[6, 0, 2], [1, 0, 1], [0, 0, 0]]))
    assert scores.counts.tolist() == [8, 2, 0]
    assert scores.majority == 0.8
    assert scores.balanced_accuracy == pytest.approx((6 / 8 + 0) / 2)
    assert scores.macro_f1 == pytest.approx((2 * 6 / (8 + 7) + 0 + 0) / 3)
    assert scores.never_answered == (1,)


def test_a_class_that_the_split_does_not_hold_need_not_be_answered():
    assert ClassScores(np.diag([3, 4, 0])).never_answered == ()
    assert ClassScores(np.diag([3, 4, 0])).macro_f1 == ClassScores(np.diag([3, 4, 0])).balanced_accuracy == 1


def test_skill_is_one_without_error_and_zero_for_the_constant_answer_in_both_directions():
    higher, lower = Metric("accuracy", True), Metric("error", False)
    assert (skill(higher, 1.0, 0.6), skill(lower, 0.0, 0.3)) == (1, 1)
    assert (skill(higher, 0.6, 0.6), skill(lower, 0.3, 0.3)) == (0, 0)
    assert skill(higher, 0.5, 0.6) < 0
    assert skill(lower, 0.4, 0.3) < 0
    assert skill(higher, 1.0, 1.0) == skill(lower, 0.0, 0.0) == 0


def test_a_task_answered_by_zero_everywhere_is_marked_and_one_that_is_learned_is_not():
    asked = study()
    error = "mean absolute error"
    constant = {"keypoints": {error: 0.03181}, "largest": {"accuracy": 0.4}}
    results = {}
    for seed in (0, 1):
        results[single_run(asked, 0, seed).key] = result({"keypoints": {error: 0.0318 + seed * 1e-4}}, constant)
        results[single_run(asked, 1, seed).key] = result({"largest": {"accuracy": 0.8}}, constant)
    useless, useful = task_qualities(asked, TASKS, results, "test")
    assert useless.is_constant
    assert useless.skill < 0.01
    assert useless.metrics[error] == pytest.approx(0.03185)
    assert len(useless.sentences) == 1
    assert "keypoints" in useless.sentences[0]
    assert not useful.is_constant
    assert useful.sentences == ()
    assert useful.skill == pytest.approx(2 / 3)


def test_networks_that_never_answer_a_class_are_counted_those_of_several_tasks_too():
    asked = study()
    fine, silent = np.diag([5, 3, 2]).tolist(), [[5, 0, 0], [0, 3, 0], [1, 1, 0]]
    both = {"keypoints": {"mean absolute error": 0.02}, "largest": {"accuracy": 0.8}}
    results = {
        single_run(asked, 1, 0).key: result({"largest": {"accuracy": 1.0}}, confusion={"largest": fine}),
        pair_run(asked, 0, 1, 2, 0).key: result(both, confusion={"largest": silent}),
        pair_run(asked, 0, 1, 3, 0).key: result(both),
    }
    found = task_qualities(asked, TASKS, results, "test")[1]
    assert (found.n_counted, found.n_silent, found.silent) == (2, 1, ("2",))
    assert [scores.macro_f1 for scores in found.classes] == [1.0]
    assert len(found.sentences) == 1


def test_classes_are_called_by_their_names():
    asked = study()
    silent = result({"largest": {"accuracy": 0.8}}, confusion={"largest": [[5, 0, 0], [0, 3, 0], [1, 1, 0]]})
    named = silent.model_copy(update={"classes": {"largest": ("ball", "box", "cone")}})
    found = task_qualities(asked, TASKS, {single_run(asked, 1, 0).key: named}, "test")[1]
    assert found.silent == ("cone",)
    assert 'never answers "cone" on the test split' in found.sentences[0]
    assert found.class_metrics == pytest.approx({"balanced accuracy": 2 / 3, "macro-F1": (10 / 11 + 6 / 7) / 3})


def test_a_study_says_what_is_wrong_with_its_tasks():
    asked = study()
    poor = result({"largest": {"accuracy": 0.5}}, {"largest": {"accuracy": 0.5}})
    poor = poor.model_copy(update={"metrics": {"validation": {"largest": {"accuracy": 0.6}}, **poor.metrics}})
    whole = assemble(asked, TASKS, Backbone("net", (Block("b", 1, 1),) * 5), {single_run(asked, 1, 0).key: poor})
    assert [quality.is_constant for quality in whole.quality["test"]] == [False, True]
    assert len(whole.warnings) == 1
    assert "largest" in whole.warnings[0]


def test_results_of_earlier_versions_claim_nothing():
    asked = study()
    old = result({"largest": {"accuracy": 0.9}})
    found = task_qualities(asked, TASKS, {single_run(asked, 1, 0).key: old}, "test")
    assert [each.skill for each in found] == [None, None]
    assert all(not each.is_constant and each.sentences == () for each in found)
    assert class_scores(old, "test", "largest") is None


def test_a_single_task_value_of_zero_is_said_and_makes_no_gain():
    asked = study()
    error = "mean absolute error"
    results = {}
    for seed, accuracy in ((0, 0.0), (1, 0.5)):
        results[single_run(asked, 0, seed).key] = result({"keypoints": {error: 0.2}})
        results[single_run(asked, 1, seed).key] = result({"largest": {"accuracy": accuracy}})
        both = pair_run(asked, 0, 1, 1, seed)
        results[both.key] = result({"keypoints": {error: 0.1}, "largest": {"accuracy": 0.6}})
    _, zero = task_qualities(asked, TASKS, results, "test")
    assert zero.zero == ("accuracy",)
    assert "is 0 on the test split with seed" in zero.sentences[0]
    assert zero.zero_seeds == (0,)
    for seed, gain in ((0, float("nan")), (1, 20.0)):
        singles = [single_run(asked, task, seed) for task in (0, 1)]
        found = deltas(pair_run(asked, 0, 1, 1, seed), singles, TASKS, results, "test")
        np.testing.assert_allclose(found, [50, gain], rtol=1e-9)
