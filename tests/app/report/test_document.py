"""A report says what pages say, and of what nobody measured nothing."""

import base64
import json
import zlib

import pytest

from app.compare.model import code_of
from app.compare.words import chance
from app.report.document import study_report
from app.report.model import DraggedPlane, Facts, Paragraph, Table
from app.report.subject import Choices, Subject
from app.ui.formatting import budget_share, cost_share, percent
from core.errors import BudgetError
from core.studies.bundled import load_bundled
from core.studies.database import Database
from core.studies.record import StudyRecord


def section(report, code):
    (found,) = [each for each in report.sections if each.code == code]
    return found


def parts(report, kind):
    return [part for each in report.sections for part in each.parts if isinstance(part, kind)]


def test_the_recommendation_is_that_of_the_overview(subject_named):
    subject = subject_named("trained", budget="70%")
    found = subject.recommended
    report = study_report(subject)
    (tiles,) = [facts for facts in parts(report, Facts) if facts.large]
    assert [row[:2] for row in tiles.rows][:3] == [
        ("Predicted gain Δ", percent(found.figures.score)),
        ("Cost", cost_share(found.view.fraction(found.choice.cost))),
        ("Confidence", found.confidence[0]),
    ]
    texts = [part.text for part in parts(report, Paragraph)]
    assert {f"{found.sentence}.", found.how_sure, found.instead} <= set(texts)
    assert budget_share(0.7) in section(report, "recommendation").title


def test_every_table_is_whole_and_every_section_says_something(report_named):
    for name in ("trained", "marked", "paths", "virtual"):
        report = report_named(name)
        codes = [each.code for each in report.sections]
        assert len(set(codes)) == len(codes)
        assert {"data", "doubts", "again"} <= set(codes)
        assert all(each.parts for each in report.sections)
        for table in parts(report, Table):
            assert table.rows, table.caption
            assert {len(row) for row in table.rows} == {len(table.columns)}, table.caption
            assert all(place < len(table.columns) for place in table.words)


def test_a_study_without_measurements_has_no_number_but_what_to_train(subject_named, tmp_path):
    trained = subject_named("trained")
    database = Database(tmp_path / "empty.db")
    record = trained.record
    database.put(StudyRecord("trained", record.task_names, record.backbone, record.specification, record.tasks), {})
    report = study_report(Subject(database, database.study("trained"), is_stored=True, choices=Choices()))
    first = report.sections[0]
    assert first.code == "recommendation"
    assert "runs" in first.parts[0].text
    assert not parts(report, DraggedPlane)
    assert not [facts for facts in parts(report, Facts) if facts.large]


def test_networks_of_other_families_are_in_it_best_first(report_named):
    table = next(part for part in section(report_named("paths"), "families").parts if isinstance(part, Table))
    gains = [float(row[1].removesuffix(" %").replace("−", "-")) for row in table.rows]
    assert gains == sorted(gains, reverse=True)
    assert len(gains) == 3


def test_several_families_stand_on_one_plane_with_the_network_that_compare_recommends(tmp_path):
    database = Database(tmp_path / "empty.db")
    subject = Subject(database, load_bundled("paths-hierarchy"), is_stored=False, choices=Choices("40%"))
    view = subject.compared.view
    found = view.comparison.within_share(0.4)
    compared = section(study_report(subject), "compare")
    (plane,) = [part for part in compared.parts if isinstance(part, DraggedPlane)]
    figures = {row[0]: row[1] for row in plane.beside[0].rows}
    assert figures["Measured gain Δ"] == percent(found.advised.score)
    assert figures["Probability"] == chance(found.probability)
    assert plane.still.count('class="network"') == len(view.networks)
    (front,) = [part for part in compared.parts if isinstance(part, Table)]
    assert [row[1] for row in front.rows] == [percent(each.score) for each in view.comparison.front]
    # Every network can be picked in the file, where no server would answer.
    known = json.loads(zlib.decompress(base64.b64decode(plane.data["selectable"])))
    assert [each["code"] for each in known] == [code_of(each.point) for each in view.networks]


def test_one_family_beside_single_task_networks_has_no_plane_of_all(subject_named):
    subject = subject_named("trained")
    assert subject.compared is None
    assert "compare" not in [each.code for each in study_report(subject).sections]


def test_a_budget_is_exactly_what_was_asked(subject_named):
    subject = subject_named("trained", budget="1.7x")
    assert subject.budget == pytest.approx(1.7 / 3)
    assert subject.recommended.view.fraction(subject.recommended.choice.cost) <= 1.7 / 3
    with pytest.raises(BudgetError, match="1 %"):
        _ = subject_named("trained", budget="0.5%").budget
