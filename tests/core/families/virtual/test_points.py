"""Deep virtual networks on the plane: costs from the made-up study's own arithmetic."""

from dataclasses import replace

import numpy as np
import pytest

from core.costs import CostQuestion, Unit
from core.families.virtual.family import FAMILY
from core.families.virtual.points import level_cost, stored_params, virtual_points
from core.families.virtual.results import VirtualResults
from core.plane.point import GainOrigin
from core.studies.latencies import Latencies
from tests.made_up_virtual import N_LEVELS, NAMES, NETWORKS


@pytest.fixture
def study(study_of):
    return study_of("virtual")


@pytest.fixture
def results(study):
    return study.result(VirtualResults)


def test_every_network_has_a_point_on_every_level(study, results):
    points = virtual_points(study, CostQuestion.RESIDENT, Unit.BYTES)
    assert len(points) == len(NETWORKS) * N_LEVELS
    for point, (network, level) in zip(points, [(n, lv) for n in results.networks for lv in range(4)], strict=True):
        assert point.label == f"{network.name}: level {level + 1} of 4"
        per_seed = network.gains["test"][:, :, level].mean(axis=1)
        assert point.gain == pytest.approx(per_seed.mean())
        assert (point.tasks, point.n_seeds, point.origin) == (NAMES, 3, GainOrigin.MEASURED)
        low, high = point.interval
        assert low < point.gain < high
    assert FAMILY.points(study, CostQuestion.RESIDENT, Unit.BYTES) == points


def test_resident_is_the_union_of_the_pieces_and_what_is_the_levels_own(results):
    nearest, common = results.networks[0], results.networks[3]
    assert nearest.orders[0][0] == 0
    payload = results.payload
    # Level 1 of three tasks: units 0, 2 and 3 without the pieces between them; one unit where the order is common.
    first = {each.name: each.orders for each in results.networks}["nearest"]
    n_first = len({order[0] for order in first})
    ask = (payload, (0, 0, 0), CostQuestion.RESIDENT, Unit.PARAMETERS)
    assert level_cost(nearest, *ask) == n_first * (144 + 27) + 3 * 16
    assert level_cost(common, *ask) == 144 + 27 + 3 * 16
    whole = level_cost(nearest, payload, (3, 3, 3), CostQuestion.RESIDENT, Unit.BYTES)
    assert whole == 4 * (16 * 144 + 4 * 27 + 3 * 64)


def test_stored_is_everything_but_one_head_a_task(results):
    payload = results.payload
    own, heads = 3 * 16 * (1 + 2 + 3 + 4), 3 * 40 * (1 + 2 + 3)
    assert stored_params(payload) == 16 * 144 + 4 * 27 + own + heads
    for levels in ((0, 0, 0), (3, 3, 3)):
        cost = level_cost(results.networks[0], payload, levels, CostQuestion.STORED, Unit.PARAMETERS)
        assert cost == stored_params(payload)


def test_computing_is_a_sum_over_tasks_or_their_mean(results):
    network, payload = results.networks[0], results.payload
    assert level_cost(network, payload, (0, 1, 3), CostQuestion.ALL_TASKS, Unit.MACS) == 1000 * (1 + 4 + 16)
    assert level_cost(network, payload, (0, 1, 3), CostQuestion.ONE_TASK, Unit.MACS) == pytest.approx(7000)


def test_time_is_known_where_levels_were_timed(study):
    assert virtual_points(study, CostQuestion.ALL_TASKS, Unit.LATENCY) == []
    # Two blocks each, with their quartiles.
    each = 0.0005 * np.array([[0.5, 1, 3], [0.5, 1, 4]])
    quartiles = {("virtual", f"level {n} of 4"): n * each for n in (1, 2, 3, 4)}
    known = Latencies(quartiles, 5, "a machine", "AVX2", 1, "2026-11-28")
    timed = replace(study, results={**study.results, "latency": known})
    points = virtual_points(timed, CostQuestion.ALL_TASKS, Unit.LATENCY)
    costs = [point.cost(CostQuestion.ALL_TASKS, Unit.LATENCY) for point in points[:4]]
    assert costs == pytest.approx([0.003, 0.006, 0.009, 0.012])


@pytest.mark.parametrize(
    ("question", "unit"), [(CostQuestion.STORED, Unit.MACS), (CostQuestion.RESIDENT, Unit.LATENCY)]
)
def test_what_does_not_go_together_has_no_points(study, question, unit):
    assert virtual_points(study, question, unit) == []


def test_a_network_without_a_complete_seed_has_no_point(study_of):
    assert virtual_points(study_of("paths"), CostQuestion.STORED, Unit.BYTES) == []


def test_costs_rise_with_the_level(study):
    for question in CostQuestion:
        for unit in question.units:
            costs = [point.cost(question, unit) for point in virtual_points(study, question, unit)[:N_LEVELS]]
            assert all(np.diff(costs) >= 0)
