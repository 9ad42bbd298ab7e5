"""What the game of orders is sent, and what it hands back."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import streamlit as st

from app.jobs.train_link import ORDERS
from app.virtual import game
from app.virtual.game_model import measured, presets, renamed, weights_of
from core.families.virtual.orders import nearest_orders
from core.families.virtual.results import VirtualResults
from core.families.virtual.search import merit_of, searched_orders, shared_below
from core.families.virtual.totals import gradient_totals

CASES = json.loads((Path(__file__).parents[2] / "browser_code" / "orders.json").read_text(encoding="utf-8"))


@pytest.fixture
def results(study_of):
    return study_of("virtual").result(VirtualResults)


@pytest.mark.parametrize("case", CASES)
def test_the_figures_of_the_browser_are_those_of_python(case):
    """The same cases are put to the browser's code in tests/browser_code/orders.test.mjs."""
    orders = tuple(map(tuple, case["orders"]))
    assert gradient_totals(orders).tolist() == case["totals"]
    shares = [shared_below(*pair) for pair in itertools.combinations(orders, 2)]
    assert np.mean(shares) == pytest.approx(case["shared"])
    merit = merit_of(orders, np.array(case["affinity"]), case["balance"])
    assert (merit.agreement, merit.imbalance, merit.value) == pytest.approx(
        (case["agreement"], case["imbalance"], case["value"])
    )
    assert [list(order) for order in renamed(orders)] == case["renamed"]


def test_the_rules_are_there_and_the_searched_orders_are_the_best(results):
    given = dict(presets(3, 4, results))
    assert len(given) == 4
    assert next(iter(given.values())) == nearest_orders(3, 4)
    best = searched_orders(results.affinity, 4).merit.value
    values = [merit_of(orders, results.affinity).value for orders in given.values()]
    assert max(values) == pytest.approx(best)
    assert [label for label, _ in presets(3, 4, None)] == list(given)[:3]
    assert weights_of(None, 3) is None


def test_what_was_measured_is_found_whatever_the_units_are_called(results):
    found = measured(results)
    assert len(found) == 4
    code = game.orders_code(renamed(((2, 1, 0, 3), (2, 1, 0, 3), (2, 1, 0, 3))))
    assert "trained these orders as “common”" in found[code]
    assert "level 1 −8.8 ± 0.9" in found[code].replace("\u00a0", " ")


def test_the_table_has_what_the_game_says(results):
    frame = game.figures_frame([("mine", ((0, 1, 2, 3),) * 3), *presets(3, 4, results)], results)
    assert frame["shared below the last level"].iloc[0] == 100
    assert frame["imbalance"].iloc[0] == pytest.approx(100 * 9 / 7.5)
    assert frame["merit"].argmax() == 4


class Sent:
    """What a component hands back."""

    def __init__(self, orders):
        self.orders = orders


USUAL = ((0, 1, 2), (2, 1, 0))


@pytest.mark.parametrize(
    "orders",
    [None, "0-1-2", [], [[0, 1, 2]], [[0, 1], [1, 0]], [[0, 1, 1], [0, 1, 2]], [[0, 1, 3], [0, 1, 2]],
     [[True, 1, 2], [0, 1, 2]], [["0", 1, 2], [0, 1, 2]], [[0, 1, 2.5], [0, 1, 2]], [[0, 1, float("nan")], [0, 1, 2]],
     [0, 1]],
)  # fmt: skip
def test_orders_that_no_hand_makes_change_nothing(monkeypatch, orders):
    state = {game.KEY: Sent(orders), ORDERS: "2-1-0.0-1-2"}
    monkeypatch.setattr(st, "session_state", state)
    game.moved(2, 3, USUAL)
    assert state[ORDERS] == "2-1-0.0-1-2"


def test_released_orders_are_those_of_the_address(monkeypatch):
    state = {game.KEY: Sent([[2, 0.0, 1], [0, 1, 2]])}
    monkeypatch.setattr(st, "session_state", state)
    game.moved(2, 3, USUAL)
    assert state[ORDERS] == "2-0-1.0-1-2"
    state[game.KEY] = Sent([list(order) for order in USUAL])
    game.moved(2, 3, USUAL)
    assert state[ORDERS] == ""
