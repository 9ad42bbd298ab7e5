"""A rising learning rate: the same curve every time, a suggestion below where the loss goes up, and nothing stored."""

import io
import json
import sys

import pytest

from core.errors import StudyError
from core.studies.specification import parse_study
from core.training.rate_finder import FIRST, LAST, find_rate, main

STUDY = """\
name = "small"
tasks = ["class", "parity"]
[dataset]
name = "digits"
size = 16
n_train = 200
[backbone]
width = 4
[training]
batch_size = 16
"""


@pytest.fixture(scope="module")
def study():
    return parse_study(STUDY)


@pytest.fixture(scope="module")
def curve(study, tmp_path_factory):
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRANCHWISE_HOME", str(tmp_path_factory.mktemp("home")))
        return find_rate(study, steps=60, progress=lambda done, of: seen.append((done, of))), seen


def test_the_suggestion_is_a_tenth_of_the_rate_with_the_lowest_loss(curve):
    found, _ = curve
    place = found.rates.index(found.lowest)
    assert found.losses[place] == min(found.losses)
    assert found.suggested == pytest.approx(found.lowest / 10, rel=0.5)
    assert 1e-4 < found.suggested < 0.1


def test_rates_rise_from_the_first_and_end_where_the_loss_is_lost(curve):
    found, seen = curve
    assert found.rates[0] == FIRST
    assert all(one < other for one, other in zip(found.rates, found.rates[1:], strict=False))
    assert found.rates[-1] <= LAST * 1.0001
    assert found.losses[-1] > found.losses[0]
    assert seen == [(step, 60) for step in range(1, len(found.rates) + 1)]


def test_the_same_study_gives_the_same_curve(study, curve):
    assert find_rate(study, steps=60) == curve[0]
    assert find_rate(study, steps=60, seed=1) != curve[0]


def test_a_network_that_can_not_learn_gets_no_suggestion(study):
    dead = study.model_copy(update={"training": study.training.model_copy(update={"weight_decay": 0.0, "clip": 1e-30})})
    with pytest.raises(StudyError, match="lower"):
        find_rate(dead, steps=20)


def test_several_data_sets_and_other_numbers_of_steps_are_refused(study):
    several = parse_study(
        'name = "x"\n[dataset]\nname = "several"\n'
        + "".join(
            f'[[dataset.sets]]\nname = "{name}"\ntask = "{name}"\n[dataset.sets.dataset]\nname = "digits"\n'
            for name in ("class", "parity")
        )
        + "[treednn]\ncut = 2\n"
    )
    with pytest.raises(StudyError, match="several data sets"):
        find_rate(several)
    with pytest.raises(StudyError, match="20 to 2,000"):
        find_rate(study, steps=5)


def test_as_a_program_it_answers_in_json(study, curve, monkeypatch, capsys):
    for text, code in ((study.model_dump_json(), 0), ("{}", 2)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        assert main() == code
        answer = capsys.readouterr()
        if code:
            assert answer.err.count("\n") == 1
        else:
            assert json.loads(answer.out)["suggested"] == pytest.approx(curve[0].suggested, rel=1)
