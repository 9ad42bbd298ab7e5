from dataclasses import replace

import numpy as np
import pytest

from app.families.multipath.overview import best_network, best_sentence, other_sentences
from core.families.multipath.fine_alone import FineAlone
from core.families.multipath.results import MultiPathResults


@pytest.fixture
def results(study_of):
    return study_of("paths").result(MultiPathResults)


def with_gains(results, values):
    """Return results whose networks have these mean gains on validation; a hole is a network without a seed."""
    networks = tuple(
        replace(network, gains=dict.fromkeys(("validation", "test"), np.full((3, 3), value)))
        for network, value in zip(results.networks, values, strict=True)
    )
    return replace(results, networks=networks)


def test_the_best_network_is_the_best_on_validation(results):
    assert best_network(with_gains(results, [1.0, 3.0, 2.0])).name == results.networks[1].name
    assert best_network(with_gains(results, [1.0, float("nan"), 0.5])).name == results.networks[0].name
    assert best_network(with_gains(results, [2.0, 2.0, 2.0])).name == results.networks[0].name
    assert best_network(with_gains(results, [float("nan")] * 3)) is None


def test_a_difference_within_its_interval_is_said_to_be_noise(results):
    network = results.networks[0]
    noisy = replace(
        network, gains={"validation": network.gains["validation"], "test": np.array([[-1.0], [1.0], [0.5]])}
    )
    assert "within noise" in best_sentence(noisy, results)
    clear = replace(network, gains={"validation": network.gains["validation"], "test": np.array([[3.0], [3.1], [3.2]])})
    assert "within noise" not in best_sentence(clear, results)
    single = replace(network, gains={"validation": network.gains["validation"], "test": np.array([[3.0]])})
    assert "no interval: one seed" in best_sentence(single, results)


def test_the_paper_s_order_is_said_where_another_order_is_best(results):
    shared = with_gains(results, [1.0, 2.0, 3.0])
    (said,) = other_sentences(best_network(shared), shared)
    assert said.startswith(f"In the paper's order (exits 1, 3, 4), **{results.networks[1].name}** is best: **+2.0")
    usual = with_gains(results, [1.0, 3.0, 2.0])
    assert other_sentences(best_network(usual), usual) == []


def test_the_finest_task_alone_is_said_of_a_hierarchy(results):
    gains = {
        split: np.array([[2.0, 4.0, 0.0], [3.0, 5.0, 0.0], [np.nan, 5.0, 0.0]]) for split in ("validation", "test")
    }
    alone = replace(with_gains(results, [1.0, 3.0, 2.0]), fine_alone=FineAlone(2, gains, gains))
    (said,) = other_sentences(best_network(alone), alone)
    assert "**digit**" in said
    assert "+2.3" in said
