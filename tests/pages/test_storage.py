import base64
import json
import zlib

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, UnknownElement

from app.storage.presets import storage_presets
from app.storage.sections import SECTIONS
from core.backbones import load_backbone

PRESETS = {preset.title: preset for preset in storage_presets()}


def elements(block):
    for child in block.children.values():
        yield child
        if isinstance(child, Block):
            yield from elements(child)


def sent(at):
    """Give what the figure was sent, and what it says at the page's own cut."""
    (found,) = [
        element.proto
        for element in elements(at.main)
        if isinstance(element, UnknownElement)
        and getattr(element.proto, "component_name", "") == "branchwise.storage_cut"
    ]
    data = json.loads(found.json)
    entries = json.loads(zlib.decompress(base64.b64decode(data["packed"])))
    (own,) = [each for each in entries if each["cut"] == data["cut"]]
    return data, own


def words(at):
    return " ".join(each.value for each in (*at.main.markdown, *at.main.caption, *at.info, *at.warning))


def curves(at):
    """Return the names of the curves, each with what it says at the page's own number of branches."""
    (found,) = [json.loads(chart.proto.spec) for chart in at.get("plotly_chart") if "storage-gain" in chart.proto.id]
    return [trace["name"] for trace in found["data"]]


def saved(at):
    """Return curve → what it says, in the order of the panels."""
    return dict(name.rsplit(": ", 1) for name in curves(at))


def test_it_opens_on_the_study_s_backbone_and_on_no_example(visit, study_of):
    at = visit("storage", study="five")
    data, own = sent(at)
    assert data["blocks"] == [block.name for block in study_of("five").backbone.blocks]
    assert data["cut"] == 2
    assert saved(at)["formula, L = 100, ε = 10"] == "48 %"
    assert "TreeDNN, storage" not in words(at)
    assert not any(each.proto.icon for each in at.button if str(each.key).startswith("preset-"))
    assert own["sentence"].startswith("With 5 branches, sharing the first 2 of 5 blocks")


def test_the_address_decides_what_is_shown(visit):
    at = visit(
        "storage", study="five", backbone="mobilenet_v2", trunk="17", k="5", layers="19", epsilon="0.5", gain="absolute"
    )
    params = [block.params for block in load_backbone("mobilenet_v2").blocks]
    macs = [block.macs for block in load_backbone("mobilenet_v2").blocks]
    found = saved(at)
    assert found["formula, L = 19, ε = 0.5"] == "40 of 95 layers"
    assert found["parameters, 4 bytes each"] == (
        f"{4 * sum(params[:17]) / 1e3:.3g} k of {5 * sum(params) / 1e6:.3g} M ({16 * sum(params[:17]) / 1e6:.3g} MB)"
    )
    assert found["all k tasks on one input"] == f"{4 * sum(macs[:17]) / 1e6:.3g} M of {5 * sum(macs) / 1e9:.3g} G"
    assert found["one task at a time: nothing saved"].startswith("0 of ")


@pytest.mark.parametrize("title", PRESETS)
def test_an_example_sets_every_control_and_explains_itself(visit, title):
    preset = PRESETS[title]
    at = visit("storage", study="five", layers="7", epsilon="1", k="9", trunk="1")
    at.button(key=f"preset-{title}").click().run()
    assert not at.exception
    assert not at.error
    assert at.number_input(key="layers").value == preset.layers
    assert at.number_input(key="epsilon").value == preset.epsilon
    assert at.number_input(key="k").value == preset.n_branches
    if preset.backbone:
        assert at.selectbox(key="backbone").value == preset.backbone
        assert at.number_input(key="trunk").value == preset.cut == sent(at)[0]["cut"]
    assert preset.sentence in words(at).replace("\\", "")
    # Another number is no longer this example.
    at.number_input(key="k").set_value(11).run()
    assert preset.sentence not in words(at).replace("\\", "")


def test_an_example_with_its_own_backbone_follows_one_with_another(visit):
    at = visit("storage", study="five")
    for title in ("MobileNetV2, middle", "ResNet-50", "TreeDNN, Table 1", "MobileNetV2, middle"):
        at.button(key=f"preset-{title}").click().run()
        assert sent(at)[0]["cut"] == PRESETS[title].cut
        assert len(sent(at)[0]["blocks"]) == load_backbone(PRESETS[title].backbone).n_blocks


def test_an_epsilon_beyond_half_the_network_is_one_sentence_and_the_rest_stands(visit):
    at = visit("storage", study="five", epsilon="80")
    (fault,) = at.error
    assert "moves the cut out of a network of 100 layers" in fault.value.replace("\\", "")
    assert not [name for name in saved(at) if name.startswith("formula")]
    at.segmented_control(key="storage_section").set_value("paper").run()
    assert len(at.error) == 1
    at.number_input(key="epsilon").set_value(-50.0).run()
    assert not at.error
    at.segmented_control(key="storage_section").set_value("gain").run()
    assert saved(at)["formula, L = 100, ε = −50"] == "0 %"


@pytest.mark.parametrize(
    "address",
    [{"k": "0"}, {"k": "41"}, {"trunk": "99"}, {"trunk": "-1"}, {"layers": "0"}, {"gain": "x"}, {"backbone": "x"},
     {"storage": "x"}, {"k": "five", "trunk": "1e9", "epsilon": "nan"}],
)  # fmt: skip
def test_a_bad_link_is_passed_over(visit, address):
    at = visit("storage", study="five", **address)
    assert not at.error
    data, _ = sent(at)
    assert data["cut"] == 2
    assert saved(at)["formula, L = 100, ε = 10"] == "48 %"


def test_another_backbone_begins_in_its_middle(visit):
    at = visit("storage", study="five", trunk="4")
    at.selectbox(key="backbone").set_value("mobilenet_v2").run()
    assert (sent(at)[0]["cut"], len(sent(at)[0]["blocks"])) == (16, 32)
    at.selectbox(key="backbone").set_value("alexnet").run()
    assert sent(at)[0]["cut"] == 2


def test_the_trunk_and_the_branching_points_of_the_backbone_page_do_not_meet(visit):
    at = visit("backbone", study="five", cut="merged")
    at.switch_page("../pages/storage.py").run()
    at.number_input(key="trunk").set_value(4).run()
    at.switch_page("../pages/backbone.py").run()
    assert at.segmented_control(key="cut").value == "merged"
    at.switch_page("../pages/storage.py").run()
    assert not at.exception
    assert sent(at)[0]["cut"] == 4


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_answers(visit, section):
    at = visit("storage", study="five", section=section)
    assert not at.error
    assert at.segmented_control(key="storage_section").value == section


def test_results_begin_with_a_way_out_and_the_published_ones_are_marked(visit):
    at = visit("storage", study="five", section="results")
    assert "has no TreeDNN" in words(at)
    assert "published, not measured here" in words(at)
    published = next(frame.value for frame in at.dataframe if "MobileNetV2" in frame.value)
    assert list(published["TreeDNN"]) == [89.0, 66.9, 83.5, 49.2, 92.6]


def test_the_paper_is_shown_line_by_line_beside_one_s_own_numbers(visit):
    at = visit("storage", study="five", storage="Paper", layers="10", epsilon="1", k="3")
    lines = next(frame.value for frame in at.dataframe if "layers" in frame.value).set_index("layers")
    assert list(lines["TreeDNN"]) == [60, 40, 260, 500, 240, 160]
    assert list(lines["your L, ε, k"]) == [6, 4, 18, 30, 12, 8]
    assert "49.5 %" in words(at)


def test_the_table_twin_is_read_when_it_is_opened(visit):
    at = visit("storage", study="five")
    assert not [frame for frame in at.dataframe if "saved blocks" in frame.value]
    at.session_state["storage-tables"] = True
    at.run()
    assert not at.exception
    (cuts,) = [frame.value for frame in at.dataframe if "saved blocks" in frame.value]
    assert list(cuts["trunk"]) == [0, 1, 2, 3, 4, 5]
    (curves,) = [frame.value for frame in at.dataframe if "asymptote" in frame.value]
    assert len(curves) == 5 * 40


def _made_up(missing):
    """Show made-up results; a script of its own, so everything it needs is imported here."""
    import numpy as np

    from app.storage.results import show_results
    from core.families.treednn.results import BranchScores, TreeResults
    from core.tasks import Kind, Metric, Task

    def scores(values):
        return {"test": np.array(values, float)}

    last = float("nan") if missing else 0.7
    accuracy, angle = Metric("accuracy", True), Metric("angle", False, "°")
    show_results(
        TreeResults(
            (0, 1), 2, 5,
            (
                BranchScores(Task("*birds*", Kind.CLASSIFICATION, (accuracy,), 9), "birds", 90,
                             scores([0.5, 0.6]), scores([0.7, 0.8]), scores([0.6, last])),
                BranchScores(Task("tilt", Kind.NORMALS, (angle,), 3), "rooms", 40,
                             scores([9, 9]), scores([8, 8]), scores([7, 7.5])),
            ),
        )
    )  # fmt: skip


def test_measured_results_are_bars_a_table_and_words():
    at = AppTest.from_function(_made_up, kwargs={"missing": False}, default_timeout=120).run()
    assert not at.exception
    assert not at.warning
    (frame,) = [each.value for each in at.dataframe if "branch" in each.value]
    assert list(frame["difference"]) == pytest.approx([0.1, -0.75])
    assert "on 2 branches" in words(at)
    assert "better on" in words(at)
    assert "Test split" in words(at)


def test_a_missing_run_is_said():
    at = AppTest.from_function(_made_up, kwargs={"missing": True}, default_timeout=120).run()
    assert not at.exception
    (said,) = at.warning
    assert "birds" in said.value
    assert "dedicated, seed 1" in said.value.replace("\\", "")


def test_numbers_beyond_all_bounds_in_the_address_are_passed_over(visit):
    at = visit("storage", study="five", k="1e400", trunk="-inf")
    assert [each.value for each in at.title] == ["Storage"]
    assert at.number_input(key="k").value == 5


def test_it_opens_on_the_results_of_a_study_that_has_some_and_else_on_the_gain(visit):
    assert visit("storage", study="five").segmented_control(key="storage_section").value == "gain"
    at = visit("storage", study="treednn")
    assert at.segmented_control(key="storage_section").value == "results"
    assert "section" not in at.query_params
    assert not at.get("plotly_chart") or "storage-gain" not in at.get("plotly_chart")[0].proto.id
