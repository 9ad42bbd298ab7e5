import base64
import json
import zlib

import pytest
from streamlit.testing.v1.element_tree import Block, UnknownElement

from app.families.multipath.train_form import train_options
from app.jobs.train_link import PATHS
from app.paths.sections import SECTIONS
from core.plane.point import affordable


def words(at):
    return " ".join(each.value for each in (*at.main.markdown, *at.main.caption, *at.info, *at.warning))


def table(at, column):
    """Return the table of an open page that has a column."""
    (found,) = [each.value for each in at.dataframe if column in each.value.columns]
    return found


def elements(block):
    for child in block.children.values():
        yield child
        if isinstance(child, Block):
            yield from elements(child)


def sent(at, component):
    """Return what a drawing of an open page was sent."""
    (found,) = [
        element.proto
        for element in elements(at.main)
        if isinstance(element, UnknownElement)
        and getattr(element.proto, "component_name", "") == f"branchwise.{component}"
    ]
    return json.loads(found.json)


def ladder(at):
    return sent(at, "exit_ladder")


def assigned(at):
    """Return what the drawing of the budget says within the budget of an open page: sentence and rows by column."""
    data = sent(at, "assignment_front")
    entries = json.loads(zlib.decompress(base64.b64decode(data["packed"])))
    fitting = [each for each in entries if affordable(each["cost"], data["budget"] / 100)]
    if not fitting:
        return data["nothing"], None
    return fitting[-1]["sentence"], [dict(zip(data["columns"], row, strict=True)) for row in fitting[-1]["rows"]]


def total(rows):
    return sum(float(row["path"].removesuffix(" M")) for row in rows)


def paths(at):
    """Return the rows of the table below the drawing, those of the exits."""
    data = ladder(at)
    return [data["rows"][place] for place in (*data["exits"], len(data["names"]) - 1)]


def test_the_paper_s_network_opens_with_its_exits_and_shares(visit):
    at = visit("paths", study="five", network="resnet18-5")
    assert [row[-2] for row in paths(at)] == ["24.8 %", "36.6 %", "57.7 %", "78.9 %", "100 %"]
    assert [row[-1] for row in paths(at)] == ["26.7 M", "28 M", "30.3 M", "32.7 M", "35 M"]


def test_chosen_exits_are_the_rows_and_another_network_has_its_own(visit):
    at = visit("paths", study="five", exits="0-2")
    assert [row[0] for row in paths(at)] == ["block 1", "block 3", "block 5"]
    at.selectbox(key="network").select("resnet18-3").run()
    assert [row[0] for row in paths(at)] == ["layer4.0.conv1", "layer4.0", "layer4"]
    assert "exits" not in at.query_params


def test_no_earlier_exit_is_in_the_address_too(visit):
    at = visit("paths", study="five")
    at.button_group(key="exits").set_value([]).run()
    assert at.query_params["exits"] == "none"
    assert len(paths(visit("paths", study="five", exits="none"))) == 1


def test_paths_of_timed_blocks_have_milliseconds_and_others_none(visit):
    timed = ladder(visit("paths", study="five"))
    assert "time" in timed["columns"]
    assert [strip["name"] for strip in timed["strips"]] == ["Places", "Parameters", "MACs", "Time"]
    assert "time" not in ladder(visit("paths", study="marked"))["columns"]


def test_literal_alpha_of_one_is_said_to_switch_distillation_off(visit):
    at = visit("paths", study="five", section="loss", mix_alpha="1")
    assert any("switches distillation off" in each.value.replace("\\", "") for each in at.warning)
    assert table(at, "teacher")["teacher"].tolist() == [0, 1, 1]
    at = visit("paths", study="five", section="loss", mix_alpha="1", mix="additive")
    assert not at.warning


@pytest.mark.parametrize("section", ["budget", "matrix", "networks", "leaving"])
def test_a_study_without_multi_path_networks_says_what_to_do(visit, section):
    at = visit("paths", study="five", section=section)
    assert "requests no multi-path networks" in words(at)
    assert not at.get("plotly_chart")


def test_a_study_with_results_opens_on_the_budget(visit):
    at = visit("paths", study="paths")
    assert at.session_state["paths_section"] == "budget"
    assert [row["task"] for row in assigned(at)[1]] == ["loop", "*shape*", "digit"]


def test_a_smaller_budget_takes_earlier_exits_and_says_what_is_lost(visit):
    words_whole, whole = assigned(visit("paths", study="paths", question="own-input", path_budget="100"))
    assert "no mean Δ is lost" in words_whole
    words_small, small = assigned(visit("paths", study="paths", question="own-input", path_budget="30"))
    assert "less than the best without a budget" in words_small
    assert total(small) < total(whole)
    assert total(small) <= 0.305 * 3 * 5.5


def test_a_budget_in_which_nothing_fits_says_what_the_first_exit_costs(visit):
    at = visit("paths", study="paths", question="one-input", path_budget="5")
    said, rows = assigned(at)
    assert rows is None
    assert "No path fits" in said
    assert "18.2\u00a0%" in said
    assert not [button for button in at.button if button.key == "train-exits"]
    assert assigned(visit("paths", study="paths", question="one-input", path_budget="19"))[1]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_of_a_measured_study_opens(visit, section):
    at = visit("paths", study="paths", section=section)
    assert not at.error
    assert not at.info
    assert len(at.get("plotly_chart")) == {"matrix": 2, "networks": 1, "leaving": 1}.get(section, 0)


def test_networks_are_compared_and_coarse_answers_with_fine_ones(visit):
    at = visit("paths", study="paths", section="networks")
    found = table(at, "mean Δ")
    assert found["network"].tolist() == ["Single-task networks (teachers)", "spread", "no teacher", "hard sharing"]
    assert set(table(at, "derived")["read off"]) == {"digit"}


def test_published_tables_are_marked(visit):
    at = visit("paths", study="five", section="paper")
    assert words(at).count("published, not measured here") == 4


def test_the_overview_shows_the_best_network_and_leads_to_its_page(visit):
    at = visit("overview", study="paths")
    assert "Best on the validation split" in words(at)
    assert "two-task table" not in words(at)
    assert any(each.proto.label == "Exits, budget and networks" for each in at.get("page_link"))


def test_the_backbone_leads_to_its_exits(visit):
    at = visit("backbone", study="five", backbone="resnet18")
    (link,) = [each.proto for each in at.get("page_link") if each.proto.label.startswith("Exits along")]
    name, _, code = link.query_string.partition("=")
    opened = visit("paths", study="five", **{name: code})
    assert len(ladder(opened)["names"]) == 9


def test_train_offers_more_seeds_of_the_networks_that_a_study_requests(visit, study_of):
    at = visit("train", study="paths", what="multipath")
    assert not at.error
    assert "3 multi-path networks" in words(at).replace("\\", "")
    (seeds,) = [each for each in at.number_input if str(each.key).startswith("seeds-multipath")]
    assert (seeds.value, seeds.min) == (3, 3)
    seeds.set_value(4).run()
    assert "0, 1, 2 and 3" in words(at)
    assert [option.code for option in train_options(study_of("paths"))] == ["multipath", "assigned"]
    # Of another study they can be requested; exits are assigned once they are.
    assert [option.code for option in train_options(study_of("trained"))] == ["multipath"]


def test_the_exits_of_a_budget_open_on_train_beside_the_papers_order(visit):
    at = visit("paths", study="paths", section="budget", question="own-input", path_budget="60")
    exits = [row["exit"].split(":")[0] for row in assigned(at)[1]]
    assert "so this gain is predicted" in words(at)
    at.button(key="train-exits").click().run()
    assert at.session_state["what"] == "assigned"
    assert [at.session_state[f"exit_{number}"] for number in (1, 2, 3)] == exits


def test_train_says_what_it_trains_with_chosen_exits(visit):
    at = visit("train", study="paths", what="assigned", exit_1="2", exit_2="1", exit_3="4", loss_of="1")
    assert not at.error
    assert "the paper's order (loop at 1, *shape* at 3 and digit at 4)" in words(at).replace("\\", "")
    # Three seeds of one network: the paper's order without a teacher is trained already.
    assert next(each.value for each in at.metric if each.label == "New runs") == "3"
    at.selectbox(key="exit_1").select("1").run()
    at.selectbox(key="exit_2").select("3").run()
    assert "has a network with these exits" in words(at)
    assert next(each.value for each in at.metric if each.label == "New runs") == "0"


KEPT = {
    "no single-task network": lambda run: run.kind != "layout",
    "one seed": lambda run: run.seed == 0,
    "one network": lambda run: run.kind == "multipath" and run.seed == 1,
    "only the matrix": lambda run: run.kind == "path-matrix",
    "only single-task networks": lambda run: run.kind == "layout",
    "nothing": lambda _: False,
}


@pytest.mark.parametrize("kept", KEPT)
def test_whatever_is_trained_so_far_every_section_opens(visit, partly_trained, kept):
    home = partly_trained(KEPT[kept])
    for section in SECTIONS:
        at = visit("paths", home=home, study="paths", section=section)
        assert not at.error, section
    at = visit("overview", home=home, study="paths")
    assert not at.error
    assert ("nothing is compared" in words(at)) == (kept != "one seed")


def test_one_seed_has_no_interval(visit, partly_trained):
    home = partly_trained(KEPT["one seed"])
    at = visit("paths", home=home, study="paths", section="networks")
    assert "no interval: one seed" in words(at)
    assert set(table(at, "mean Δ")["90 % interval"]) == {"–"}


def test_train_offers_multi_path_networks_first_where_no_table_is_requested(visit):
    assert visit("train", study="paths").session_state["what"] == PATHS
    assert visit("train", study="trained").session_state["what"] != PATHS


def test_the_curves_of_early_leaving_are_named_by_their_seeds(visit):
    at = visit("paths", study="paths", section="leaving")
    names = [trace["name"] for trace in json.loads(at.get("plotly_chart")[0].proto.spec)["data"]]
    assert names == ["seed 0", "seed 1", "seed 2"]


def test_the_answer_of_a_study_with_results_stands_above_the_backbone(visit):
    def order(at):
        names = [
            getattr(each.proto, "component_name", "") for each in elements(at.main) if isinstance(each, UnknownElement)
        ]
        return [name for name in names if name in ("branchwise.assignment_front", "branchwise.exit_ladder")]

    assert order(visit("paths", study="paths")) == ["branchwise.assignment_front", "branchwise.exit_ladder"]
    assert order(visit("paths", study="five")) == ["branchwise.exit_ladder"]


def test_the_caption_of_the_budget_says_which_number_is_of_which_split(visit):
    said = words(visit("paths", study="paths"))
    assert "reported on the test split. Test split" not in said
    assert "“Δ, test” are of the test split" in said
    assert "may be better or worse" in said
    assert "may be better or worse" in words(visit("paths", study="paths", section="matrix"))
