"""``branchwise compare``: which family is best within a budget, and how sure that is."""

import json

import pytest
from click.testing import CliRunner

from app.command.compared import amount
from app.command.entry import main
from core.costs import CostQuestion, Unit
from core.studies.bundled import load_bundled
from core.studies.study_plane import StudyPlane


def run(*arguments: str):
    return CliRunner().invoke(main, ["compare", *arguments])


def test_a_budget_is_answered_with_family_network_and_certainty():
    document = json.loads(run("paths-hierarchy", "--budget", "40%", "--json").stdout)
    comparison = StudyPlane(load_bundled("paths-hierarchy")).comparison(CostQuestion.STORED, Unit.PARAMETERS)
    best = comparison.within_share(0.4)
    assert document["best"]["by_family"] == dict(best.by_family)
    assert document["best"]["best"]["label"] == best.best.point.label
    assert document["best"]["probability"] == best.probability
    assert document["budget"] == best.limit
    assert document["when"]["40"] == document["best"]
    assert [each["label"] for each in document["front"]] == [each.point.label for each in comparison.front]
    assert document["missing"].keys() >= {"layouts", "treednn", "virtual"}
    assert document["areas"]["all"]["interval"][0] < document["areas"]["all"]["area"]
    lines = run("paths-hierarchy", "--budget", "40%").stdout
    assert best.best.point.label in lines
    assert "Multi-path networks 70 %, Published methods 30 %" in lines


def test_one_task_at_a_time_is_what_is_resident_and_its_budget_is_of_one_network():
    document = json.loads(
        run("virtual-joint", "--question", "resident", "--unit", "parameters", "--budget", "40%", "--json").stdout
    )
    assert document["independent"] == load_bundled("virtual-joint").backbone.params
    assert document["best"]["recommended"]["cost"] <= document["budget"] == 0.4 * document["independent"]
    cheap = run("virtual-joint", "--question", "resident", "--budget", "1%")
    assert (cheap.exit_code, "The cheapest is" in cheap.stdout) == (0, True)
    losing = run("five", "--question", "resident", "--budget", "40%").stdout
    assert "It lost against single-task networks. The cheapest that did not is" in losing
    assert "Gains of TreeDNN are against dedicated networks" in losing
    of_task = json.loads(run("virtual-joint", "--task", "loop", "--json").stdout)
    assert of_task["networks"][0]["gain"] == pytest.approx(of_task["networks"][0]["gains"][0])


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["scenes", "--question", "stored", "--unit", "macs"], "parameters, bytes"),
        (["scenes", "--task", "colour"], "segmentation"),
        (["scenes", "--budget", "much"], "'much'"),
        (["scenes", "--budget", "0"], "above 0"),
        (["no-such-study"], "no-such-study"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(arguments, named, capsys):
    with pytest.raises(SystemExit) as end:
        main(["compare", *arguments])
    said = capsys.readouterr().err.strip()
    assert end.value.code == 2
    assert named in said
    assert "\n" not in said


def test_a_unit_alone_is_of_the_first_question_that_has_it():
    document = json.loads(run("paths-hierarchy", "--unit", "macs", "--json").stdout)
    assert (document["question"], document["unit"]) == ("all-tasks", "macs")
    assert "--question" in run("paths-hierarchy", "--unit", "macs").stdout


def test_seconds_keep_their_digits():
    assert amount(0.0012345, Unit.LATENCY) == "1.234 ms"
    assert amount(45499.32, Unit.MACS) == "45,499"
