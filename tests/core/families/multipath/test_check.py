"""What is refused once the data are there."""

import numpy as np
import pytest

from core.data.dataset import Dataset, Samples
from core.errors import BackboneError, DataError, FamilyError
from core.families.multipath.check import check_counts, check_hierarchy, check_paths
from core.studies.specification import parse_study
from core.tasks import Kind, Task
from tests.core.families.multipath.study import study_of

FINE, COARSE = Task.usual("fine", Kind.CLASSIFICATION, 4), Task.usual("coarse", Kind.CLASSIFICATION, 2)
DEPTH = Task.usual("depth", Kind.DEPTH, 1)
NAMES = {"fine": ("a", "b", "c", "d"), "coarse": ("low", "high")}


def _data(fine, coarse, tasks=(COARSE, FINE)):
    n = len(fine)
    samples = Samples(
        np.zeros((n, 3, 16, 16), np.uint8),
        {"fine": np.array(fine), "coarse": np.array(coarse), "depth": np.ones((n, 1, 16, 16), np.float32)},
    )
    return Dataset("made", tasks, samples, samples, samples, class_names=NAMES)


def test_a_hierarchy_is_one_where_every_class_lies_in_one():
    data = _data([0, 1, 2, 3, -1, 0], [0, 0, 1, 1, 1, -1])
    check_hierarchy(data, (COARSE, FINE))
    with pytest.raises(DataError, match='"low" of "coarse" is both "a" and "b" of "fine"'):
        check_hierarchy(data, (FINE, COARSE))
    with pytest.raises(DataError, match='contradicts itself: "a" of "fine" is both "low" and "high"'):
        check_hierarchy(_data([0, 0, 2, 3], [0, 1, 1, 1]), (COARSE, FINE))
    with pytest.raises(DataError, match="depth and has no classes"):
        check_hierarchy(data, (DEPTH, FINE))


def test_labels_fall_from_task_to_task():
    check_counts([("a", 100), ("b", 100), ("c", 30)])
    with pytest.raises(DataError, match=r'"c" has 1,031 labelled .* behind "b", which has 30'):
        check_counts([("a", 100), ("b", 30), ("c", 1031)])


def _checked(more, tasks=("coarse", "fine")):
    study = study_of(more)
    # The study's tasks are named like those of the data.
    data = _data([0, 1, 2, 3], [0, 0, 1, 1], (COARSE, FINE, DEPTH))
    check_paths(study.model_copy(update={"tasks": tasks}), {"": data})


def test_what_fits_is_accepted():
    _checked('order = "hierarchy"\nexits = [0, "2.conv1", 4]')
    _checked('order = "labels"')


@pytest.mark.parametrize(
    ("more", "tasks", "words", "kind"),
    [
        ('exits = [0, "2.conv9", 4]', ("coarse", "fine"), "2.conv9", BackboneError),
        ('exits = [0, "conv1", 4]', ("coarse", "fine"), "several blocks", BackboneError),
        ('exits = ["2.conv2", "2.conv1", 4]', ("coarse", "fine"), "not on the way", BackboneError),
        ('order = "hierarchy"', ("fine", "coarse"), "contradicts itself", DataError),
        ("[[multipath.networks]]\nsquared = true", ("depth", "depth"), 'sets squared.*"depth" is a depth', FamilyError),
        ('[[multipath.networks]]\ndirection = "teacher"', ("depth", "depth"), "sets direction", FamilyError),
        ("[[multipath.networks]]\ntemperature = 3.0", ("depth", "depth"), "sets temperature", FamilyError),
    ],
)
def test_what_does_not_fit_is_one_sentence(more, tasks, words, kind):
    with pytest.raises(kind, match=words):
        _checked(more, tasks)


def test_options_of_probabilities_are_fine_where_a_task_has_them():
    _checked("[[multipath.networks]]\nsquared = true", ("depth", "fine"))
    _checked('[[multipath.networks]]\nsquared = true\nmix = "none"', ("depth", "depth"))


def test_digits_are_a_hierarchy_from_loops_to_digits():
    study = parse_study('name = "d"\ntasks = ["loop", "shape", "class"]\n[dataset]\nname = "digits"\n[multipath]\n')
    from core.data.digits import digits_source

    source = digits_source(study.dataset)
    data = source.dataset()
    check_hierarchy(data, tuple(data.task(name) for name in study.tasks))


def test_a_study_that_switches_distillation_off_is_warned_of(tmp_path, monkeypatch):
    from core.training.prepare_study import prepare_study

    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    told = []
    prepare_study(study_of("[[multipath.networks]]\nalpha = 1.0"), warn=told.append)
    assert any("switches distillation off" in sentence for sentence in told)
    told.clear()
    prepare_study(study_of(), warn=told.append)
    assert told == []
