"""Numbers of the lesson on affinity, from the recombined networks of the bundled study ``scenes``."""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from app.affinity.model import AffinityView, Sureness, affinity_view, is_uncertain, sureness
from app.lessons.bundled import losses
from app.ui.formatting import count, number_word, share
from core.affinity.evidence import Evidence, evidence_of_losses
from core.affinity.tournament import Eigenvector, scores
from core.affinity.tournament_steps import Tournament, tournament_of

STUDY = "scenes"
# The target whose tournament is played, and whose features are borrowed in the first figure.
TARGET, SOURCE = "normals", "segmentation"
# A made-up duel, to see what the eigenvector of W itself does.
DUEL = 0.9
_SEED = 0


def values() -> dict[str, str]:
    """Return placeholder → words."""
    found = losses(STUDY)
    tasks, last = found.tasks, found.n_depths - 1
    target, source = tasks.index(TARGET), tasks.index(SOURCE)
    wins = against_own()
    played = tournament(last)
    normalised, raw = view().normalised, evidence(Eigenvector.RAW).normalised()
    sure = certainty()
    ends = [
        [f"{float(end[depth, target, source]):.2f}" for end in (sure.certainty.low, sure.certainty.high)]
        for depth in (0, last)
    ]
    unsure = is_uncertain(view(), sure)
    above = np.triu_indices(len(tasks), 1)
    return {
        "target": TARGET,
        "source": SOURCE,
        "n_pictures": count(found.n_samples),
        "n_seeds": number_word(len(found.seeds)),
        "n_blocks": number_word(found.n_depths),
        "n_networks": count(len(tasks) ** 2 * found.n_depths),
        "win_first": share(float(wins[0, target, source])),
        "win_last": share(float(wins[last, target, source])),
        "own_strength": f"{float(played.vector[target]):.2f}",
        "equal_strength": f"{1 / len(tasks):.2f}",
        "first": f"{float(normalised[0, target, source]):.2f}",
        "last": f"{float(normalised[last, target, source]):.2f}",
        "first_low": ends[0][0],
        "first_high": ends[0][1],
        "win_back": share(float(wins[0, source, target])),
        "low": ends[1][0],
        "high": ends[1][1],
        "n_unsure": number_word(int(sum(unsure[depth][above].sum() for depth in range(found.n_depths)))),
        "n_cells": number_word(len(above[0]) * found.n_depths),
        "raw_last": f"{float(raw[last, target, source]):.2f}",
        "duel": share(DUEL),
        "duel_raw": share(duel_score(Eigenvector.RAW)),
        "duel_ahp": share(duel_score(Eigenvector.AHP)),
        "duel_arithmetic": f"{math.sqrt(DUEL):.2f} : {math.sqrt(1 - DUEL):.2f}",
    }


@cache
def evidence(kind: Eigenvector = Eigenvector.AHP) -> Evidence:
    """Return the affinities of the study.

    Args:
        kind: Of which matrix the eigenvector is taken.
    """
    return evidence_of_losses(losses(STUDY), kind)


@cache
def view() -> AffinityView:
    """Return the affinities as the Affinity page shows them."""
    return affinity_view(evidence())


@cache
def certainty() -> Sureness:
    """Return the intervals of the affinities, over pictures and seeds; drawn as on the Affinity page."""
    found = sureness(view(), np.random.default_rng(_SEED))
    assert found is not None
    return found


@cache
def tournament(depth: int) -> Tournament:
    """Return the tournament of the target.

    Args:
        depth: Counted from 0.
    """
    found = losses(STUDY)
    return tournament_of(found, found.shares(), depth, found.tasks.index(TARGET))


def against_own() -> NDArray[np.float64]:
    """Return how often borrowed features win against own ones, ``[n_depths, target, source]``."""
    wins = view().wins
    assert wins is not None
    return wins


def duel_score(kind: Eigenvector) -> float:
    """Return the score of the better of two encoders that wins ``DUEL`` of the pictures."""
    return float(scores(np.array([[0.5, DUEL], [1 - DUEL, 0.5]]), kind)[0])
