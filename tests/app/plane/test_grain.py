from types import SimpleNamespace

import numpy as np
import pytest

from app.plane.grain import grain_sentence, grains
from core.studies.bundled import load_bundled
from core.studies.task_quality import ClassScores
from core.tasks import Kind, Task


def study_of(*tasks: tuple[str, int, float]) -> SimpleNamespace:
    """A study of classification tasks: name, validation pictures, accuracy of the single-task network."""
    quality = [
        SimpleNamespace(
            task=Task.usual(name, Kind.CLASSIFICATION, 2),
            classes=(ClassScores(np.array([[n - 1, 0], [1, 0]])),),
        )
        for name, n, _ in tasks
    ]
    baselines = {"validation": {name: {"accuracy": value} for name, _, value in tasks}}
    return SimpleNamespace(quality={"validation": quality}, baselines=baselines)


def test_one_picture_is_what_a_changed_answer_does_to_the_gain():
    study = load_bundled("digits")
    for name, (n, step) in grains(study).items():
        alone = study.baselines["validation"][name]["accuracy"]
        right = alone * n
        assert step == pytest.approx(100 * ((right + 1) / n - alone) / alone)
    assert set(grains(study)) == set(study.task_names)
    assert grain_sentence(study) == (
        "One validation picture of 449 is 0.2 % to 0.3 % of the gain of class, parity, magnitude, shape and loop, "
        "in each seed."
    )


def test_a_step_that_does_not_show_is_not_said():
    assert grain_sentence(study_of(("many", 5000, 0.9))) == ""
    assert grain_sentence(load_bundled("scenes")) == ""
    assert grain_sentence(study_of(("few", 525, 1.0), ("many", 5000, 0.9))) == (
        "One validation picture of 525 is 0.2 % of the gain of few, in each seed."
    )


def test_a_network_that_is_never_right_has_no_step():
    assert grain_sentence(study_of(("zero", 100, 0.0))) == ""


def test_of_many_tasks_a_few_are_named():
    said = grain_sentence(study_of(*((f"task {number}", 100 + number, 0.9) for number in range(9))))
    assert said == (
        "One validation picture of 100 to 108 is 1.0 % to 1.1 % of the gain of task 0, task 1, task 2, task 3, task 4 "
        "and 4 others, in each seed."
    )
