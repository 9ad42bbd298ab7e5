import base64
import json
import zlib

STUDY = "paths-hierarchy"


def unpacked(text):
    return json.loads(zlib.decompress(base64.b64decode(text)))


def test_the_answer_to_a_budget_has_a_certainty(visit, sent_to):
    at = visit("compare", study=STUDY, budget="40", question="one-task")
    data = sent_to(at, "compare_plane")
    assert data["budget"] == 0.4
    assert "MACs for one active task" in "\n".join(unpacked(data["plane"]))
    at = visit("compare", study=STUDY, budget="40")
    at.selectbox(key="gain_of").set_value("class").run()
    at.segmented_control(key="compare_measure").set_value("metric").run()
    assert at.query_params["measure"] in ("metric", ["metric"])
    assert sent_to(at, "compare_plane")["words"]["delta"] == "Measured accuracy"
    at = visit("compare", study=STUDY, budget="40")
    row = unpacked(sent_to(at, "compare_plane")["rows"])[39]
    assert row["family"] == "Multi-path networks"
    assert "70" in row["sure"]
    assert "within noise" in row["familyNote"]


def test_the_unit_of_the_other_pages_decides_the_question(visit, sent_to):
    at = visit("compare", study=STUDY, unit="macs")
    assert at.session_state["compare_question"] == "all-tasks"
    assert "MACs for all tasks on one input" in "\n".join(unpacked(sent_to(at, "compare_plane")["plane"]))


def test_a_link_selects_and_pins_networks(visit, sent_to):
    at = visit("compare", study=STUDY, section="pinned", chosen="rivals:MTAN", pinned="rivals:MTAN~rivals:AdaShare")
    assert sent_to(at, "compare_plane")["picked"]["title"] == "MTAN"
    (table,) = [each.value for each in at.dataframe]
    assert list(table["pair"]) == ["A − B"]
    at.button(key="compare-unpin-A").click().run()
    assert at.query_params["pinned"] == "rivals:AdaShare"


def test_each_section_opens_and_published_figures_stay_apart(visit):
    for section, column in (("families", "area, points"), ("table", "on joint front")):
        at = visit("compare", study=STUDY, section=section, also="published")
        assert any(column in each.value.columns for each in at.dataframe), section
    assert any("paper" in each.value.columns for each in at.dataframe)
    measured = next(each.value for each in at.dataframe if "on joint front" in each.value.columns)
    assert not measured["network"].str.contains("#353").any()


def test_a_study_without_networks_to_compare_says_what_to_do(visit):
    for study in ("five", "scenes5"):
        at = visit("compare", study=study)
        assert at.info, study
        assert any("Not drawn" in each.value for each in at.main.caption), study
