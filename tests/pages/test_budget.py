import re

import numpy as np
import pytest

from app.ui.links import layout_code
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts

CODES = [layout_code(layout) for layout in enumerate_layouts(3, 5)]
SHARED, SPLIT = (layout_code(make(3, 5)) for make in (Layout.all_shared, Layout.all_split))
KEYS = ("best", "compare", "evaluation", "confidence", "front")
SECTIONS = ("Best layouts", "Compare pinned", "Predicted and trained", "How sure", "Whole front")


def button(at, label):
    (found,) = [each for each in at.button if each.label == label]
    return found


def said(at):
    return [e.value for kind in (at.error, at.warning, at.info, at.caption) for e in kind]


def test_it_opens_with_a_budget_of_sixty_percent_and_the_best_within_it(visit, plane_of):
    at = visit("budget", study="scenes")
    sent = plane_of(at)
    assert sent["budget"] == 0.6
    assert sent["picked"] is None
    assert not at.error
    assert not at.warning
    top = at.dataframe[0].value
    assert 1 <= len(top) <= 10
    assert (top["share"] <= 60 + 1e-6).all()
    assert (np.diff(top["predicted gain Δ"]) <= 1e-9).all()


def test_the_budget_limits_the_table(visit, plane_of):
    at = visit("budget", study="scenes")
    best = [
        at.slider(key="budget").set_value(v).run().dataframe[0].value["predicted gain Δ"].iloc[0] for v in (40, 70, 100)
    ]
    assert best == sorted(best)
    assert plane_of(at)["budget"] == 1.0
    assert at.dataframe[0].value["share"].max() > 70


def test_a_budget_between_two_percents_is_exact_and_the_slider_leads_to_whole_ones(visit, plane_of):
    at = visit("budget", study="scenes", budget="49.4")
    sent = plane_of(at)
    assert sent["budget"] == 0.494
    assert len(sent["sure"]) == 2
    assert at.slider(key="budget").value == 49.4
    at.slider(key="budget").set_value(49.5).run()
    assert (plane_of(at)["budget"], plane_of(at)["sure"], at.query_params["budget"]) == (0.5, None, "50")


def test_below_the_cheapest_layout_the_page_says_what_that_costs(visit, plane_of):
    at = visit("budget", study="scenes", budget="5")
    assert not at.error
    assert sum("Raise the budget" in words for words in said(at)) == 1
    assert any("cheapest costs 33.3 %" in words.replace("\\", "") for words in said(at))
    assert not any(each.label == "Pin" for each in at.button)
    assert plane_of(at)["budget"] == 0.05


@pytest.mark.parametrize("unit", ["Parameters", "MACs", "Bytes", "Latency"])
def test_the_unit_prices_everything(visit, plane_of, unit):
    at = visit("budget", study="scenes", unit=unit, details="Whole front", columns="all")
    frame = at.dataframe[0].value
    assert unit.lower() in frame
    assert frame[unit.lower()].is_monotonic_increasing
    assert "plane" in plane_of(at)
    assert f"{unit}, share of 3 single-task networks" in plane_of(at)["plane"]


def test_weights_change_the_score_and_not_the_price(visit, plane_of):
    at = visit("budget", study="scenes", details="Whole front")
    first = at.dataframe[0].value
    at.selectbox(key="weights").set_value("paper").run()
    second = at.dataframe[0].value
    assert "as printed" in plane_of(at)["plane"]
    both = first.merge(second, on="layout")
    assert len(both)
    assert (both["share_x"] == both["share_y"]).all()
    assert not np.allclose(both["predicted gain Δ_x"], both["predicted gain Δ_y"])


def test_a_chosen_layout_is_shown_until_undo(visit, plane_of):
    at = visit("budget", study="scenes", layout=SPLIT)
    assert plane_of(at)["picked"]["code"] == SPLIT
    assert button(at, "Undo").disabled
    button(at, "Pin").click().run()
    assert at.session_state["pins"] == SPLIT
    assert plane_of(at)["picked"]["code"] == SPLIT
    assert button(at, "Pin").disabled


def test_pins_are_compared_shown_above_and_taken_away(visit, plane_of):
    at = visit("budget", study="scenes", pins=f"{SHARED}~{SPLIT}", details="Compare pinned")
    frame = at.dataframe[0].value
    assert list(frame.index) == ["A", "B"]
    assert frame["share"].round().tolist() == [33, 100]
    at.button(key="show-B").click().run()
    assert plane_of(at)["picked"]["code"] == SPLIT
    button(at, "Undo").click().run()
    assert plane_of(at)["picked"] is None
    at.button(key="unpin-A").click().run()
    assert at.session_state["pins"] == SPLIT
    assert list(at.dataframe[0].value.index) == ["A"]


def test_no_more_than_four_pins(visit):
    at = visit("budget", study="scenes", pins="~".join(CODES[:6]), layout=CODES[9])
    assert button(at, "Pin").disabled
    assert [each.label for each in at.button if each.label.startswith("Unpin")] == [
        f"Unpin {letter}" for letter in "ABCD"
    ]


def test_another_study_keeps_what_fits_it(visit, plane_of):
    at = visit("budget", study="scenes", layout=SPLIT, pins=SHARED, budget="80")
    at.selectbox(key="study").set_value("five").run()
    assert not at.exception
    assert not at.warning
    assert plane_of(at)["picked"] is None
    assert plane_of(at)["tasks"] == ["segmentation", "normals", "depth", "edges", "keypoints"]
    assert [each.label for each in at.button if each.label.startswith("Unpin")] == []
    assert plane_of(at)["budget"] == 0.8
    # Pins that do not fit are hidden, and there again with the study that they fit.
    at.selectbox(key="study").set_value("scenes").run()
    assert [each.label for each in at.button if each.label.startswith("Unpin")] == ["Unpin A"]


def test_a_unit_the_next_study_lacks_falls_back(visit, plane_of):
    at = visit("budget", study="scenes", unit="Latency")
    at.selectbox(key="study").set_value("marked").run()
    assert not at.exception
    assert not at.error
    assert "MACs, share of" in plane_of(at)["plane"]


@pytest.mark.parametrize("name", ["scenes", "five", "ten", "trained"])
@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_of_every_size_opens(visit, name, section):
    at = visit("budget", study=name, details=section)
    assert not at.error
    assert at.button_group(key="budget_section").value == dict(zip(SECTIONS, KEYS, strict=True))[section]


@pytest.mark.parametrize("name", ["trained", "five"])
@pytest.mark.parametrize("estimator", ["blockwise", "bayes"])
def test_every_section_opens_with_every_estimator(visit, plane_of, name, estimator):
    at = visit("budget", study=name, estimator=estimator, tolerance="0.5")
    for section in KEYS:
        at.button_group(key="budget_section").set_value(section).run()
        assert not at.exception
        assert not at.error
        assert f"{estimator} estimator" in plane_of(at)["plane"]


def test_where_predictions_learn_from_trained_layouts_it_is_said_and_they_are_not_judged_by_them(visit, plane_of):
    at = visit("budget", study="trained", estimator="bayes", section="evaluation")
    assert "3 seeds, 22 trained layouts" in plane_of(at)["plane"]
    [caption] = [each.value for each in at.caption if "Predicted gain Δ: bayes" in each.value]
    assert "They judge what the table alone predicts" in caption
    assert "22 trained layouts" not in caption
    paper = visit("budget", study="trained", estimator="paper", section="evaluation")
    assert not any("table alone" in caption.value for caption in paper.caption)


def test_trained_layouts_can_be_shown_instead_of_predictions(visit, plane_of):
    at = visit("budget", study="trained", show="trained", budget="100")
    assert plane_of(at)["words"]["delta"] == "Measured gain Δ"
    assert "Measured gain Δ vs single-task networks (equal weights, test split, 2 seeds)" in plane_of(at)["plane"]
    at.selectbox(key="show").set_value("predicted").run()
    assert plane_of(at)["words"]["delta"] == "Predicted gain Δ"


def test_an_oracle_judges_the_predictions(visit):
    at = visit("budget", study="trained", details="Predicted and trained")
    frame = at.dataframe[0].value
    assert list(frame.iloc[:, 0]) == [
        "Spearman",
        "– within cost strata",
        "Pearson",
        "Kendall",
        "split-half reliability",
        "noise ceiling, approx.",
    ]
    at.selectbox(key="study").set_value("five").run()
    assert any("No layout of this study is trained" in words for words in said(at))


@pytest.mark.parametrize("study", ["marked", "trained"])
def test_names_that_look_like_markup_are_shown_as_they_are(visit, study):
    at = visit("budget", study=study, pins="3!0:0.1.2!1:0_1.2")
    for section in KEYS:
        at.button_group(key="budget_section").set_value(section).run()
        for words in [*said(at), *(each.value for each in at.markdown)]:
            assert not re.search(r"(?<!\\)(\*(starred|shape)|\$x_1|~~gone|\*Markdown)", words)


@pytest.mark.parametrize(
    "address",
    [
        {"layout": "garbage"},
        {"layout": layout_code(Layout.all_split(5, 5))},
        {"layout": "5!0:0_1_2!3:0.1.2"},
        {"layout": "9" * 7000},
        {"pins": "garbage~~~" * 50},
        {"budget": "9999"},
        {"budget": "-1"},
        {"budget": "NaN"},
        {"budget": "half"},
        {"unit": "miles"},
        {"weights": "mine"},
        {"show": "trained"},
        {"details": "<b>"},
        {"study": "no such study"},
        {"study": "../../etc/passwd"},
        {"unknown": "1"},
        {"study": "", "budget": "", "unit": "", "layout": "", "pins": "", "details": ""},
    ],
    ids=lambda address: "&".join(f"{k}={v[:12]}" for k, v in address.items()),
)
def test_a_bad_link_gives_a_page_that_works(visit, plane_of, address):
    at = visit("budget", **({"study": "scenes"} | address))
    assert not at.error
    assert len(at.warning) <= 1
    assert plane_of(at)["budget"] == 0.6
    assert plane_of(at)["picked"] is None
    at.slider(key="budget").set_value(50).run()
    assert not at.exception
    # That a study is missing stands there until somebody chooses one, that a code is none until it is changed.
    gone = address.get("study", "") not in ("", "scenes")
    assert bool(at.warning) == (gone or any(address.get(name) for name in ("unit", "weights", "details")))
    assert plane_of(at)["budget"] == 0.5


def test_a_second_front_is_drawn_or_its_absence_is_explained(visit, plane_of):
    at = visit("budget", study="scenes", second="estimator:paper")
    assert "Paper (TreeMTL) estimator, predicted" in plane_of(at)["plane"]
    at.selectbox(key="second").set_value("study:paths").run()
    assert any("No second front" in words for words in said(at))
    assert "second" in at.query_params
