from dataclasses import replace

import numpy as np
import pytest

from app.families.virtual.overview import best_network, best_sentence, storage_sentences
from core.families.virtual.results import VirtualResults


@pytest.fixture
def results(study_of):
    return study_of("virtual").result(VirtualResults)


def with_gains(results, values):
    """Return results whose networks have these mean gains; a hole is a network without a seed."""
    networks = tuple(
        replace(network, gains=dict.fromkeys(("validation", "test"), np.full((3, 3, 4), value)))
        for network, value in zip(results.networks, values, strict=True)
    )
    return replace(results, networks=networks)


def test_the_best_network_is_the_best_on_validation_of_those_trained_jointly(results):
    nan = float("nan")
    names = [network.name for network in results.networks]
    assert best_network(with_gains(results, [1, 3, 2, 0, 9, 9])).name == names[1]
    assert best_network(with_gains(results, [2, 2, 1, 0, 0, 0])).name == names[0]
    assert best_network(with_gains(results, [nan, nan, nan, nan, 1, 2])).name == names[5]
    assert best_network(with_gains(results, [nan] * 6)) is None


def test_both_ends_of_the_ladder_are_said_with_their_noise(results):
    network = results.networks[0]
    gains = np.zeros((3, 3, 4))
    gains[:, :, 0] = np.array([-9.0, -9.2, -8.8])[:, None]
    gains[:, :, -1] = np.array([-1.0, 1.0, 0.3])[:, None]
    said = best_sentence(replace(network, gains={"validation": gains, "test": gains}), results).replace("\u00a0", " ")
    assert "**+0.1 ± 1.7 %** (within noise) on the last level" in said
    assert "**−9.0 ± 0.3 %** on the first; 3 seeds, equal task weights, one of 4 networks" in said
    single = replace(network, gains={"validation": gains[:1], "test": gains[:1]})
    assert best_sentence(single, results).count("no interval: one seed") == 2


def test_what_is_stored_is_counted_with_heads(results):
    (said,) = storage_sentences(results.networks[0], results)
    weights, own, heads = 16 * 144 + 4 * 27, 3 * 16 * 10, 3 * 40 * 10
    separate = 3 * (144 * 30 + 27 * 10) + own + heads
    stored = weights + own + heads
    assert f"{4 * stored / 1000:.3g} kB for 12 networks" in said
    assert f"{separate / stored:.1f} times as much" in said
