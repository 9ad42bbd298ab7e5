"""Levels of a hierarchy, and coarse answers read off fine ones."""

import numpy as np
import pytest

from core.data.dataset import Dataset, Samples
from core.families.multipath.hierarchy import derived_accuracy, implied, levels
from core.families.multipath.payload import MultiPathPayload
from core.families.multipath.results import multipath_results
from core.families.multipath.runs import network_runs
from core.families.multipath.train import train_multipath
from core.studies.specification import parse_study
from core.tasks import Kind, Task
from core.training.workplace import Workplace

FINE, COARSE = Task.usual("fine", Kind.CLASSIFICATION, 4), Task.usual("coarse", Kind.CLASSIFICATION, 2)
DEPTH = Task.usual("depth", Kind.DEPTH, 1)


def _data(fine, coarse):
    n = len(fine)
    targets = {"fine": np.array(fine), "coarse": np.array(coarse), "depth": np.ones((n, 1, 16, 16), np.float32)}
    samples = Samples(np.zeros((n, 3, 16, 16), np.uint8), targets)
    return Dataset("made", (FINE, COARSE, DEPTH), samples, samples, samples)


def test_fine_classes_lie_in_coarse_ones():
    data = _data([0, 1, 2, 3, -1], [0, 0, 1, 1, 0])
    assert implied(data, FINE, COARSE) == {0: 0, 1: 0, 2: 1, 3: 1}
    assert implied(data, COARSE, FINE) is None
    assert implied(data, FINE, DEPTH) is None
    assert [*levels(data, (FINE, DEPTH, COARSE))] == [("coarse", "fine")]
    assert implied(_data([0, 0, 1, 2, 3], [0, 1, 0, 1, 1]), FINE, COARSE) is None
    # A class that no picture has lies nowhere.
    assert implied(_data([0, 1, 2, 2, -1], [0, 0, 1, 1, 0]), FINE, COARSE) is None


def test_right_fine_answers_are_right_coarse_ones():
    above = {0: 0, 1: 0, 2: 1, 3: 1}
    fine = np.array([0, 1, 2, 3, 1])
    coarse = np.array([above[number] for number in fine])
    assert derived_accuracy(fine, coarse, above) == 1
    assert derived_accuracy(np.array([1, 0, 3, 2, 3]), coarse, above) == pytest.approx(0.8)


def test_networks_say_how_good_derived_answers_are(tmp_path):
    study = parse_study(
        'name = "d"\ntasks = ["loop", "class"]\n[dataset]\nname = "digits"\nsize = 16\nn_train = 200\n'
        "[backbone]\nwidth = 2\n[training]\nepochs = 2\n[multipath]\nmatrix = false\n"
        '[[multipath.networks]]\nmix = "none"\nassign = "shared"\n'
    )
    (run,) = network_runs(study, 0)
    result, _ = train_multipath(run, Workplace(tmp_path))
    run.check(result)
    derived = run.payload_of(result, MultiPathPayload).derived["test"]["loop"]["class"]
    confusion = np.array(result.confusion["test"]["class"])
    loops = np.isin(np.arange(10), (0, 6, 8, 9))
    assert derived == pytest.approx(confusion[np.equal.outer(loops, loops)].sum() / confusion.sum())
    data = Workplace(tmp_path).data(run.dataset)
    results = multipath_results(study, tuple(data.task(name) for name in study.tasks), {run.key: result})
    assert results.networks[0].derived["test"]["loop", "class"].tolist() == [derived]
    above = run.payload_of(result, MultiPathPayload).above
    assert above == {"loop": {"class": tuple(int(digit in (1, 2, 3, 4, 5, 7)) for digit in range(10))}}
