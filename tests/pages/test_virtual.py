"""The page Virtual networks, without a browser."""

import pytest

from core.families.virtual.orders import cyclic_orders, nearest_orders


def lists(orders):
    return [list(order) for order in orders]


def test_the_units_of_the_study_s_network_are_shown_with_what_they_hold(visit, sent_to):
    at = visit("virtual", study="virtual", section="units")
    data = sent_to(at, "unit_grid")
    assert data["orders"] == lists(nearest_orders(3, 4))
    assert data["densities"] == [1 / 16, 1 / 4, 9 / 16, 1]
    assert [data["totals"][unit][unit] for unit in range(4)] == [6, 8, 9, 7]
    # 144 + 27 weights, 16 of norms, 40 of a head: 227 parameters of four bytes.
    assert "It holds 908 B: 171 shared weights" in data["sentences"][0][0].replace("\u00a0", " ")


def test_without_networks_the_units_are_arithmetic_and_nothing_is_said_of_bytes(visit, sent_to):
    at = visit("virtual", study="scenes", section="units", units="5", base="quarter", order_of="cyclic")
    data = sent_to(at, "unit_grid")
    assert data["orders"] == lists(cyclic_orders(3, 5))
    assert data["widths"] == pytest.approx([0.4, 0.55, 0.7, 0.85, 1])
    assert not any("holds" in sentence for row in data["sentences"] for sentence in row)
    assert any("counted once a network" in caption.value for caption in at.caption)


@pytest.mark.parametrize(
    ("study", "address"),
    [
        ("virtual", {"section": "units", "unit_task": "2", "level": "3", "order_of": "network-1"}),
        ("virtual", {"section": "units", "order_of": "network-3"}),
        ("virtual", {"section": "memory", "memory": "35", "memory_question": "one-active", "of_network": "4"}),
        (
            "virtual",
            {
                "section": "accuracy",
                "split": "validation",
                "against": "macs",
                "values": "gain",
                "networks": "1-2-4",
                "of_network": "3",
                "reference": "2",
            },
        ),
        ("virtual", {"section": "sequence", "split": "validation", "sequence_level": "1"}),
        ("virtual", {"section": "game", "orders": "1-0-2-3.2-3-1-0.3-2-1-0"}),
        ("scenes", {"section": "game", "units": "3", "orders": "1-0-2.2-1-0.0-1-2"}),
        ("scenes", {"section": "paper"}),
        ("scenes", {"units": "7", "base": "quarter", "order_of": "common", "level": "6", "unit_task": "1"}),
    ],
)
def test_a_link_keeps_what_it_says(visit, study, address):
    at = visit("virtual", study=study, **address)
    # What is so at first is not written.
    usual = {"section": "memory" if study == "virtual" else "units"}
    kept = {name: value for name, value in address.items() if usual.get(name) != value}
    assert {name: at.query_params[name] for name in at.query_params if name != "study"} == kept
    at.run()
    assert {name: at.query_params[name] for name in at.query_params if name != "study"} == kept


@pytest.mark.parametrize("value", ["9", "-1", "x", "²", "1e400", "00000000000000001", "0.5"])
def test_a_level_that_no_task_has_is_the_first(visit, sent_to, value):
    at = visit("virtual", study="virtual", section="units", level=value, unit_task=value)
    assert sent_to(at, "unit_grid")["shown"] == [0, 0]
    assert not at.error


def test_a_memory_has_the_best_levels_within_it(visit, sent_to):
    at = visit("virtual", study="virtual", memory="60")
    data = sent_to(at, "assignment_front")
    assert data["budget"] == 60
    assert data["written"][100] == "12.3 kB"
    assert data["words"]["gain"] == "mean Δ, validation, %"
    assert any("3 seeds; 90 % intervals" in caption.value for caption in at.caption)
    assert "Not every task fits" in data["nothing"]


@pytest.mark.parametrize("section", ["memory", "accuracy", "sequence"])
def test_a_study_without_networks_says_what_to_run(visit, section):
    at = visit("virtual", study="scenes", section=section)
    assert "requests no virtual networks" in at.info[0].value
    assert not at.error


@pytest.mark.parametrize("section", ["memory", "accuracy", "sequence"])
def test_a_study_whose_networks_are_not_trained_yet_says_so(visit, partly_trained_virtual, section):
    home = partly_trained_virtual(lambda run: run.kind == "layout")
    at = visit("virtual", home=home, study="virtual", section=section)
    assert "No virtual network of this study is trained yet" in at.info[0].value


def test_one_seed_has_no_interval(visit, partly_trained_virtual):
    at = visit("virtual", home=partly_trained_virtual(lambda run: run.label.seed == 1), study="virtual")
    assert any("1 seed; no interval: one seed" in caption.value for caption in at.caption)


@pytest.mark.parametrize("section", ["accuracy", "sequence", "game"])
def test_one_seed_is_said_in_every_section(visit, partly_trained_virtual, section):
    home = partly_trained_virtual(lambda run: run.label.seed == 1)
    at = visit("virtual", home=home, study="virtual", section=section)
    assert not at.error
    if section != "game":
        assert any("no interval: one seed" in caption.value for caption in at.caption)


@pytest.mark.parametrize("orders", ["x", "0-1-2-3", "0-1-2-3.0-1-2-3.0-1-2-9", "0-0-1-2.0-1-2-3.0-1-2-3", "-" * 9000])
def test_orders_that_are_none_are_those_one_begins_with(visit, sent_to, orders):
    at = visit("virtual", study="virtual", section="game", orders=orders)
    assert sent_to(at, "order_game")["orders"] == lists(nearest_orders(3, 4))
    assert "orders" not in at.query_params


def test_without_affinity_there_is_no_merit(visit, sent_to):
    at = visit("virtual", study="scenes", section="game")
    data = sent_to(at, "order_game")
    assert data["weights"] is None
    assert data["measured"] == {}
    assert any("need the affinity of the tasks" in caption.value for caption in at.caption)


def test_orders_by_hand_open_train_with_them(visit):
    at = visit("virtual", study="virtual", section="game", orders="1-0-2-3.2-3-1-0.3-2-1-0")
    at.button(key="train-orders").click().run()
    assert at.title[0].value == "Train"
    assert any("upright 2 1 3 4" in caption.value.replace("\\", "") for caption in at.caption)


def test_a_study_of_layouts_can_request_virtual_networks(visit):
    at = visit("train", study="trained", what="virtual")
    assert any("virtual network" in caption.value.replace("\\", "") for caption in at.caption)
