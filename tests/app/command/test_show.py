"""The answer of a study without a browser: what pages show, number for number."""

from dataclasses import replace

import numpy as np
import pytest

from app.command.show_layouts import LayoutAnswer, layouts_document, layouts_lines
from app.overview.model import recommendation
from app.ui.inputs import DEFAULT_TOLERANCE
from core.costs import CostQuestion, Unit
from core.estimators.prediction import DEFAULT_ESTIMATOR
from core.families.layouts.predictions import budget_view
from core.families.layouts.trained import TrainedView
from core.studies.bundled import load_bundled
from core.studies.family import families
from core.studies.measured import LayoutResults


def test_layouts_are_those_of_the_budget_page(answer):
    document = answer("show", "scenes", "--budget", "60%", "--unit", "parameters")
    study = load_bundled("scenes")
    view = budget_view(study, "svde", Unit.PARAMETERS, DEFAULT_ESTIMATOR)
    assert study.oracle is not None
    shown = recommendation(view, TrainedView(view, study.oracle), 0.6, DEFAULT_TOLERANCE)
    assert shown is not None
    found = document["recommended"]
    assert found["layout"] == shown.layout.to_json()
    assert (found["score"], found["cost"]) == (shown.choice.score, shown.choice.cost)
    assert found["sentence"] == shown.sentence
    assert found["interval"] == pytest.approx([shown.figures.score_low, shown.figures.score_high])
    assert found["confidence"] == shown.frequency
    assert (found["within_tolerance"], found["how_sure"]) == (shown.near, shown.how_sure)
    assert document["estimator"] == DEFAULT_ESTIMATOR
    assert found["measured"]["seeds"] == 2
    assert [each["layout"] for each in document["front"]] == [choice.layout.to_json() for choice in view.front]
    assert document["families"] == ["layouts"]
    assert document["table"]["values"][0][1][0] == 0


def test_an_incomplete_table_is_said_before_what_is_recommended():
    study = load_bundled("scenes")
    values = study.table.values.copy()
    values[0, 1, 2] = np.nan
    key = next(key for key, found in study.results.items() if isinstance(found, LayoutResults))
    results = {**study.results, key: LayoutResults(replace(study.table, values=values, samples=None), None)}
    answered = LayoutAnswer(replace(study, results=results), Unit.PARAMETERS, None, "uniform")
    (said,) = answered.warnings
    assert "1 of its" in said
    assert layouts_lines(answered)[0] == f"Warning: {said}"
    assert layouts_document(answered)["warnings"] == [said]


def test_its_words_have_the_layout_and_the_reason(call):
    text = call("show", "scenes", "--budget", "60%", "--unit", "parameters").stdout
    assert "Recommended within 60 % of the cost of single-task networks" in text
    assert "All tasks share blocks 1–4; normals branches off after block 4." in text
    assert text.count("\n*") == 1


def test_other_families_have_their_points(answer):
    document = answer("show", "paths-split", "--question", "stored")
    assert document["family"] == "multipath"
    assert "rivals" in document["families"]
    (family,) = [each for each in families() if each.name == "multipath"]
    points = family.points(load_bundled("paths-split"), CostQuestion.STORED, Unit.PARAMETERS)
    assert [each["gain"] for each in document["points"]] == [point.gain for point in points]
    measured = [each for each in document["points"] if each["origin"] == "measured"]
    assert document["best"] == max(measured, key=lambda each: each["gain"])["label"]
    small = answer("show", "paths-split", "--question", "stored", "--budget", "20000")
    assert small["best"] == max((p for p in measured if p["cost"] <= 20000), key=lambda p: p["gain"])["label"]
    front = [each for each in measured if each["front"]]
    assert all(one["gain"] < other["gain"] for one in front for other in front if one["cost"] < other["cost"])


def test_levels_of_one_network_are_told_apart_by_what_is_asked_first(answer):
    document = answer("show", "virtual-hierarchy", "--family", "virtual")
    measured = [each for each in document["points"] if each["origin"] == "measured"]
    assert len({each["cost"] for each in measured}) >= 4
    stored = answer("show", "virtual-hierarchy", "--family", "virtual", "--question", "stored")
    assert len({each["cost"] for each in stored["points"]}) < len(measured)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing",), 'There is no study "nothing"'),
        (("scenes", "--family", "nothing"), 'There is no family "nothing"'),
        (("scenes", "--family", "treednn"), 'no trained network of the family "treednn"'),
        (("scenes", "--budget", "1"), "The cheapest layout costs"),
        (("scenes", "--budget", "much"), "is no budget"),
        (("scenes", "--question", "stored"), "--question is for other families"),
        (("paths-split", "--weights", "paper"), "--weights is for layouts"),
        (("paths-split", "--budget", "50%"), "Write a plain number"),
        (("paths-split", "--question", "stored", "--unit", "macs"), "has no answer in macs"),
    ],
)
def test_what_can_t_be_answered_is_one_sentence(refusal, arguments, words):
    assert words in refusal("show", *arguments)
