"""Costs by union, from small networks that are counted by hand."""

import itertools

import pytest

from core.costs import Allocation, CostQuestion, Piece, Unit
from core.errors import FamilyError

STORED, ALL, ONE, RESIDENT = CostQuestion.STORED, CostQuestion.ALL_TASKS, CostQuestion.ONE_TASK, CostQuestion.RESIDENT
# Sizes are powers of two, so that a sum says which pieces are in it.
PIECES = tuple(Piece(f"p{n}", (n,), 2**n, 2**n, seconds=2.0**n) for n in range(5))


def test_a_piece_runs_once_for_each_path_that_leads_to_it():
    # Both tasks end in piece 3, but on different inputs; piece 4 is kept and used by nobody.
    found = Allocation(("a", "b", "c"), PIECES, ((0, 1, 3), (0, 2, 3), (0, 1)))
    assert found.runs == (1, 1, 1, 2, 0)
    assert found.users == ((0, 1, 2), (0, 2), (1,), (0, 1), ())
    assert found.cost(ALL, Unit.MACS) == 1 + 2 + 4 + 2 * 8
    assert found.cost(STORED, Unit.PARAMETERS) == 31
    assert found.cost(ONE, Unit.LATENCY) == pytest.approx((11 + 13 + 3) / 3)
    assert found.cost(RESIDENT, Unit.BYTES) == 4 * 13


def test_what_stays_in_memory_is_there_beside_the_largest_task():
    pieces = (PIECES[0], Piece("kept", (1,), 100, 0, more_bytes=0.5, stays=True), PIECES[2])
    found = Allocation(("a", "b"), pieces, ((0, 1), (2,)), shares=(3.0, 1.0))
    assert found.cost(RESIDENT, Unit.BYTES) == 4 * 104 + 0.5
    assert found.cost(RESIDENT, Unit.PARAMETERS) == 104
    assert found.cost(ONE, Unit.MACS) == (3 * 1 + 4) / 4


def test_separate_paths_cost_their_sum_and_equal_paths_cost_one():
    separate = Allocation(("a", "b"), PIECES[:2], ((0,), (1,)))
    equal = Allocation(("a", "b"), PIECES[:2], ((0, 1), (0, 1)))
    for question, unit in itertools.product(CostQuestion, Unit):
        known = unit in question.units
        assert (separate.cost(question, unit) is not None) == (equal.cost(question, unit) is not None) == known
    assert separate.cost(ALL, Unit.MACS) == equal.cost(ALL, Unit.MACS) == equal.cost(ONE, Unit.MACS) == 3


def test_time_is_not_known_where_a_piece_that_runs_was_not_timed():
    pieces = (PIECES[0], Piece("untimed", (1,), 1, 1))
    assert Allocation(("a",), pieces, ((0, 1),)).cost(ALL, Unit.LATENCY) is None
    assert Allocation(("a",), pieces, ((0,),)).cost(ONE, Unit.LATENCY) == 1


@pytest.mark.parametrize(
    ("paths", "shares"), [(((0,),), ()), (((0,), (5,)), ()), (((0,), (1, 1)), ()), (((0,), (1,)), (0.0, 0.0))]
)
def test_what_fits_no_network_is_refused_with_the_value_found(paths, shares):
    with pytest.raises(FamilyError, match=r"\d"):
        Allocation(("a", "b"), PIECES, paths, shares)
