import base64
import json
import zlib

import numpy as np
import pytest
from streamlit.testing.v1.element_tree import Block, UnknownElement

from app.affinity_source.inputs import OWN_TENSOR
from app.branching.model import usual_downsamplings
from app.ui.formatting import share
from app.ui.links import layout_from_code
from core.affinity.evidence import Evidence, Origin, evidence_of_losses
from core.affinity.recombined import RecombinedLosses
from core.selection.beam import BeamSearch
from core.selection.branched import BranchedCase, best_tree
from core.selection.regrafting import ImprovedBeam

SECTIONS = ("depths", "confidence", "plane", "path", "why")


def evidence_of(tasks, n_depths, *, with_losses=True):
    """Tasks of even and odd number grow apart with depth."""
    rng, n = np.random.default_rng(0), len(tasks)
    apart = (np.arange(n)[:, None] - np.arange(n)) % 2 * 0.9 + 0.1 * (1 - np.eye(n))
    gap = 1 + np.linspace(0.05, 1, n_depths)[:, None, None] * apart
    values = gap[None, ..., None] * rng.lognormal(0, 0.3, (2, n_depths, n, n, 40))
    found = evidence_of_losses(RecombinedLosses(tuple(tasks), (0, 1), values.astype(np.float32)))
    return Evidence(Origin.FILE, found.tasks, found.affinity, found.losses if with_losses else None)


@pytest.fixture
def branching(visit, study_of):
    """Open the page on a study with a tensor of its tasks and blocks, as if it had been brought as a file."""

    def opened(name, evidence=None, **address):
        at = visit("branching", study=name, **address)
        study = study_of(name)
        at.session_state[OWN_TENSOR] = evidence or evidence_of(study.task_names, study.n_blocks)
        at.run()
        assert not at.exception, at.exception
        return at

    return opened


def sent(at):
    """Give what the figure of an open page was sent, and its trees."""
    (found,) = [
        element.proto
        for element in elements(at.main)
        if isinstance(element, UnknownElement)
        and getattr(element.proto, "component_name", "") == "branchwise.alpha_tree"
    ]
    data = json.loads(found.json)
    return data, json.loads(zlib.decompress(base64.b64decode(data["packed"])))


def elements(block):
    for child in block.children.values():
        yield child
        if isinstance(child, Block):
            yield from elements(child)


def shown(at):
    data, trees = sent(at)
    return [tree for tree in trees if tree["start"] <= data["alpha"]][-1]


def words(at):
    return " ".join(each.value for each in (*at.main.markdown, *at.main.caption))


@pytest.mark.parametrize("name", ["scenes", "five"])
def test_every_part_answers(branching, name):
    at = branching(name)
    for section in SECTIONS:
        at.segmented_control(key="branching_section").set_value(section).run()
        assert not at.exception, at.exception
        assert not at.error
    data, trees = sent(at)
    assert len(trees) > 2
    assert data["alpha"] > 0


def test_forty_tasks_have_improved_trees_and_a_sentence_where_the_exact_search_ends(branching):
    at = branching("forty", branching="How sure", beam="2")
    (fault,) = at.error
    assert "40 tasks" in fault.value
    assert "with width 2" in words(at)
    assert "exact search is limited to 11 tasks" in words(at)
    assert "improved" in words(at)
    data, trees = sent(at)
    assert len(trees) > 2
    assert "cheaper trees may exist" in data["caption"]


def test_beyond_the_exact_search_the_tree_at_an_alpha_never_costs_more_than_the_beams(branching, study_of):
    study = study_of("forty")
    evidence = evidence_of(study.task_names, study.n_blocks)
    case = BranchedCase(evidence.distances(), usual_downsamplings(evidence, study.backbone))
    for alpha in (0.003, 0.05):
        at = branching("forty", evidence, alpha=str(alpha))
        layout = layout_from_code(shown(at)["code"], 40, study.n_blocks)
        found, beam = case.tree(layout, alpha).cost, BeamSearch(case).best(alpha).cost
        assert found <= beam + 1e-9
        if found < beam * 0.9:
            assert f"**{share(beam / found - 1)} more** than the current one" in words(at)
        # What the figure draws is what the rest of the page is about.
        at.segmented_control(key="branching_section").set_value("depths").run()
        assert at.dataframe[-1].value["cost"].sum() == pytest.approx(found)


def test_the_gap_is_told_before_and_after_the_improvement(branching):
    far = np.random.default_rng(1).random((3, 9, 9))
    alike = 1 - (far + far.transpose(0, 2, 1)) / 2
    alike[:, range(9), range(9)] = 1
    evidence = Evidence(Origin.FILE, tuple("abcdefghi"), alike)
    case = BranchedCase(evidence.distances(), (0.0, 0.0, 0.0))
    at = branching("five", evidence)
    seen = set()
    for alpha in (0.02, 0.06, 0.2):
        at.number_input(key="alpha").set_value(alpha).run()
        beams, exact = BeamSearch(case), best_tree(case, alpha).cost
        gap = beams.best(alpha).cost / exact - 1
        after = ImprovedBeam(beams).best(alpha).cost / exact - 1
        if gap < 1e-9:
            assert "no gap" in words(at)
        else:
            assert f"costs **{share(gap)} more** than the exact one; after regrafting" in words(at)
            assert ("there is no gap" if after < 1e-9 else f"**{share(after)} more** than it.") in words(at)
        seen.add(gap > 1e-9)
    assert True in seen


def test_the_depth_is_that_of_the_affinity_page(branching):
    at = branching("five", branching="Cost per depth", depth="3")
    assert at.selectbox(key="branching_depth").value == 3
    at.selectbox(key="branching_depth").set_value(1).run()
    assert at.query_params["depth"] == "1"
    assert "After block 2, smallest distance" in words(at)
    at.switch_page("../pages/affinity.py").run()
    assert not at.exception
    assert at.query_params["depth"] == "1"
    (proto,) = [
        each.proto for each in elements(at.main)
        if getattr(getattr(each, "proto", None), "component_name", "") == "branchwise.affinity_map"
    ]  # fmt: skip
    assert json.loads(proto.json)["depth"] == 1


def test_a_depth_that_is_not_there_is_dropped(branching):
    at = branching("five", branching="Cost per depth", depth="9")
    assert not at.error
    assert "depth" not in at.query_params
    assert at.selectbox(key="branching_depth").value == 2


def test_downsamplings_that_nobody_knows_are_to_be_set_by_hand(branching):
    at = branching("five", evidence_of(("a", "b", "c"), 4))
    assert "4 depths but the backbone 5 blocks" in words(at)
    at.text_input(key="downsamplings").set_value("3, 2, 1, 0").run()
    assert "4 depths but the backbone 5 blocks" not in words(at)


def test_without_a_tensor_the_page_says_how_to_get_one(visit):
    at = visit("branching", study="trained")
    assert not at.error
    assert any("Train them" in str(element.proto) for element in elements(at.main) if hasattr(element, "proto"))
    assert "Example: " in words(at)


def test_alpha_in_the_address_decides_the_tree(branching):
    few, many = branching("five", alpha="5"), branching("five", alpha="0.000001")
    assert shown(few)["title"].startswith("Fully shared")
    assert shown(many)["start"] == 0
    assert shown(many)["k"] > shown(few)["k"] == 0


def test_a_typed_alpha_moves_the_figure_and_an_emptied_one_goes_back(branching):
    at = branching("five")
    usual = sent(at)[0]["alpha"]
    at.number_input(key="alpha").set_value(5.0).run()
    assert sent(at)[0]["alpha"] == 5.0
    at.number_input(key="alpha").set_value(None).run()
    assert sent(at)[0]["alpha"] == usual


def test_another_distance_and_other_downsamplings_give_other_breakpoints(branching):
    at = branching("five")
    before = [tree["start"] for tree in sent(at)[1]]
    at.text_input(key="downsamplings").set_value("2, 2, 1, 0, 0").run()
    downs = [tree["start"] for tree in sent(at)[1]]
    at.segmented_control(key="distance").set_value("max").run()
    assert len({tuple(before), tuple(downs), tuple(tree["start"] for tree in sent(at)[1])}) == 3
    at.text_input(key="downsamplings").set_value("2, 1").run()
    assert "should be 5 numbers" in at.error[0].value


def test_the_pair_that_is_chosen_is_explained(branching):
    at = branching("scenes", alpha="0.05")
    at.selectbox(key="part_a").set_value("normals")
    at.selectbox(key="part_b").set_value("depth").run()
    assert "**normals** and **depth**" in words(at)
    at.selectbox(key="part_b").set_value("normals").run()
    assert any("two different tasks" in each.value for each in at.info)


def test_the_gap_of_the_beam_is_always_said(branching):
    assert "with width 3" in words(branching("scenes"))


def test_a_tree_is_chosen_for_all_pages_and_that_can_be_undone(branching):
    at = branching("five", alpha="5")
    next(button for button in at.button if button.label == "Select this tree").click().run()
    assert at.session_state["layout"] == shown(at)["code"]
    assert next(button for button in at.button if button.label == "Select this tree").disabled
    next(button for button in at.button if button.label == "Undo").click().run()
    assert at.session_state["layout"] == ""


def test_trees_of_other_tasks_have_no_way_into_the_study(branching):
    at = branching("five", evidence_of(("*a*", "b", "c"), 4))
    assert not at.error
    assert "Select this tree" not in [button.label for button in at.button]
    assert "can't open this tree" in words(at)
    # The pair asked about before may not be among these tasks.
    assert r"**\*a\***" in words(at)


def test_an_incomplete_tensor_is_one_sentence(branching):
    evidence = evidence_of(("a", "b", "c"), 4, with_losses=False)
    evidence.affinity[2, 0, 1] = evidence.affinity[2, 1, 0] = np.nan
    at = branching("five", evidence)
    (fault,) = at.error
    assert "after block 3: a and b" in fault.value.replace("\\", "")


def test_a_bad_link_still_shows_a_tree(branching):
    at = branching("five", alpha="-3", beam="0", distance="x", branching="x", part_a="nobody")
    assert not at.error
    assert sent(at)[0]["alpha"] >= 0


def test_names_that_look_like_markdown_are_shown_as_they_are(branching):
    at = branching("marked")
    assert not at.error
    assert r"\*starred\*" in words(at)


@pytest.mark.parametrize("weights", ["svde", "uniform"])
def test_the_measured_gain_of_a_tree_is_the_number_that_budget_shows(branching, plane_of, visit, weights):
    at = branching("trained", weights=weights, section="plane")
    data, entries = sent(at)
    layout = entries[_place(entries, data["alpha"])]["code"]
    (said,) = [each.value for each in at.markdown if "Measured gain Δ" in each.value]
    number = said.split("Measured gain Δ: ")[1].split(" (")[0]
    assert "test split, 2 seeds" in said
    budget = visit("budget", study="trained", layout=layout, weights=weights)
    assert plane_of(budget)["picked"]["interval"].endswith(f"measured {number} (test split, 2 seeds)")


def _place(entries, alpha):
    return max(place for place, entry in enumerate(entries) if entry["start"] <= alpha * (1 + 1e-12))


@pytest.mark.parametrize(("name", "offered"), [("trained", True), ("five", False)])
def test_the_trained_network_of_a_tree_is_offered_where_networks_can_be_trained(branching, name, offered):
    at = branching(name)
    labels = [button.label for button in at.get("download_button")]
    # Of a table the tasks' heads are asked for first.
    assert ("PyTorch module" if offered else "Download") in labels
    assert ("Trained network" in labels) is offered


def test_a_run_saved_is_all_tasks_on_the_blocks_of_one(branching, study_of):
    study = study_of("scenes")
    n, n_depths = study.n_tasks, study.n_blocks
    # At a large α every grouping in the beam shares what is before the last block.
    at = branching("scenes", beam="1", alpha="9")
    assert f" of {n * n_depths} runs per seed saved" in words(at)
    other = study_of("five")
    bare = branching("five", evidence_of(other.task_names, other.n_blocks, with_losses=False), beam="1", alpha="9")
    assert "need not be measured at this α" in words(bare)
    assert "per seed" not in words(bare)
