import pytest

from core.jobs.engine import ALLOWED_DEATHS
from core.jobs.suspects import Suspects


@pytest.fixture
def suspects():
    made = Suspects()
    made.dispatched("run")
    return made


def die(suspects):
    for _ in range(ALLOWED_DEATHS + 1):
        suspects.started("run")


def test_a_run_at_work_at_every_death_is_to_blame(suspects):
    die(suspects)
    assert suspects.is_to_blame("run")


@pytest.mark.parametrize("n_starts", range(ALLOWED_DEATHS + 1))
def test_a_run_that_only_waited_at_some_death_is_not(suspects, n_starts):
    for _ in range(n_starts):
        suspects.started("run")
    assert not suspects.is_to_blame("run")


def test_a_run_that_gets_further_each_time_is_not(suspects):
    for step in (1, 2, 7):
        die(suspects)
        suspects.progressed("run", step)
        assert not suspects.is_to_blame("run")
        suspects.dispatched("run")
    die(suspects)
    assert suspects.is_to_blame("run")


def test_starts_count_from_when_the_run_was_given_to_workers(suspects):
    die(suspects)
    suspects.dispatched("run")
    suspects.started("run")
    assert not suspects.is_to_blame("run")


def test_a_run_that_dies_before_it_can_say_anything_is_not_tried_for_ever(suspects):
    n_rounds = 0
    while not suspects.is_to_blame("run"):
        suspects.dispatched("run")
        n_rounds += 1
        assert n_rounds < 10
    assert n_rounds > 1
