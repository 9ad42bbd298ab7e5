"""What is said of a network that was trained with an assignment's exits."""

from dataclasses import replace

import numpy as np
import pytest

from app.paths.trained import comparison_sentence, comparisons, paper_order
from core.families.multipath.results import MultiPathResults


@pytest.fixture
def results(study_of):
    return study_of("paths").result(MultiPathResults)


def with_network(results, name, assign, like, difference):
    """Return the results with one more network that reached so much more than another, seed by seed."""
    (twin,) = [each for each in results.networks if each.name == like]
    gains = {split: found + np.array(difference)[:, None] for split, found in twin.gains.items()}
    return replace(results, networks=(*results.networks, replace(twin, name=name, assign=assign, gains=gains)))


def test_nothing_is_compared_that_was_not_trained(results):
    assert comparisons(results, (0, 0, 1)) == []


def test_a_network_stands_beside_the_papers_order_with_the_same_loss(results):
    assert paper_order(results) == (0, 2, 3)
    more = with_network(results, "best", (1, 1, 3), "no teacher", [0.9, 1.0, 1.1])
    (found,) = comparisons(more, (1, 1, 3))
    assert (found.name, found.loss) == ("best", "labels only")
    assert found.better.value == pytest.approx(1.0)
    (usual,) = [each for each in results.networks if each.name == "no teacher"]
    assert found.usual.value == pytest.approx(usual.gains["test"].mean())
    matrix = results.matrix.gains["test"]
    assert found.predicted.value == pytest.approx(np.mean([matrix[:, t, e] for t, e in enumerate((1, 1, 3))]))
    words = comparison_sentence(found)
    assert "Difference +1.0 ± 0.2 points over 3 seeds." in words
    assert "noise" not in words


def test_a_difference_that_seeds_do_not_settle_is_within_noise(results):
    more = with_network(results, "best", (1, 1, 3), "no teacher", [-1.0, 0.2, 1.1])
    assert "within noise" in comparison_sentence(comparisons(more, (1, 1, 3))[0])


def test_seeds_that_one_of_them_lacks_are_not_compared(results):
    more = with_network(results, "best", (1, 1, 3), "no teacher", [1.0, np.nan, np.nan])
    (found,) = comparisons(more, (1, 1, 3))
    assert found.better.n_seeds == 1
    assert "no interval: one seed" in comparison_sentence(found)


def test_the_papers_order_itself_has_nothing_to_be_compared_with(results):
    found = comparisons(results, paper_order(results))
    assert [each.name for each in found] == ["spread", "no teacher"]
    assert all(each.better is None for each in found)
    assert "These exits are the paper's order." in comparison_sentence(found[0])
