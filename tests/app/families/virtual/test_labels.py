"""Runs of deep virtual networks in words."""

import pytest

from app.families.labels import run_words
from app.families.virtual.order_words import orders_words, rule_of
from core.families.virtual.family import FAMILY
from core.families.virtual.orders import cyclic_orders, nearest_orders
from core.families.virtual.request import VirtualNetworkRequest, VirtualRequest
from core.runs.label import RunLabel
from core.studies.specification import StudySpecification


def _study(**request) -> StudySpecification:
    return StudySpecification(name="small", tasks=("a", "b", "c"), virtual=VirtualRequest(**request))


def test_runs_that_differ_are_called_differently():
    networks = (
        VirtualNetworkRequest(),
        VirtualNetworkRequest(name="cyclic", order="cyclic"),
        VirtualNetworkRequest(name="common", order="common"),
        VirtualNetworkRequest(name="given", order=((2, 1, 0, 3), (0, 1, 2, 3), (3, 0, 1, 2))),
        VirtualNetworkRequest(name="sandwich", levels="sandwich"),
        VirtualNetworkRequest(name="sampled", levels="sampled"),
        VirtualNetworkRequest(name="last", levels="last"),
        VirtualNetworkRequest(name="sequence", training="sequence"),
        VirtualNetworkRequest(name="half", training="sequence", distillation=0.5),
        VirtualNetworkRequest(name="free", training="sequence", distillation=0.0),
    )
    study = _study(seeds=(0, 1), networks=networks)
    said = [run_words(run.label) for run in FAMILY.expand(study)]
    assert len(set(said)) == len(said)


def test_units_and_levels_count_from_one():
    label = RunLabel("virtual", ("a", "b"), 3, {"units": 2, "orders": "1,0;1,0", "base": "0.25"})
    said = run_words(label)
    assert said == "Virtual networks: a and b on 2 levels with 25 % common channels, orders of units 2 1; 2 1 · seed 3"
    assert run_words(RunLabel("narrow-network", ("a",), 0, {"units": 4, "level": 0})).startswith("a, level 1 of 4")


@pytest.mark.parametrize(("n_tasks", "n_units"), [(2, 3), (4, 4), (3, 5)])
def test_a_rule_is_found_in_its_orders(n_tasks, n_units):
    assert rule_of(nearest_orders(n_tasks, n_units)) == "nearest"
    assert rule_of(cyclic_orders(n_tasks, n_units)) == "cyclic"
    assert rule_of([range(n_units)] * n_tasks) == "common"
    assert rule_of([range(n_units)[::-1]] * n_tasks) == ""


def test_orders_of_many_tasks_stay_short():
    assert len(orders_words([range(10)[::-1]] * 40)) < 150


@pytest.mark.parametrize("orders", ["", "x", "0,1", ";", "0,1;0"])
def test_a_damaged_label_still_has_words(orders):
    assert run_words(RunLabel("virtual", ("a", "b"), 0, {"units": 2, "orders": orders}))
