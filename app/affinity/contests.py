"""On which samples two encoders differ most."""

from dataclasses import dataclass

import numpy as np

from core.affinity.recombined import RecombinedLosses

MOST = 6


@dataclass(frozen=True, slots=True)
class Contest:
    """Two encoders under one task: the target's own, and another task's.

    Args:
        target: The task that is to be solved.
        source: The task whose features are tried.
        own_better: Samples on which the target's own give the lower loss by most, the clearest first.
        other_better: Samples on which the source's do.
        own_gap: Largest and smallest difference among those shown, or None.
        other_gap: The same for the others.
    """

    target: int
    source: int
    own_better: tuple[int, ...]
    other_better: tuple[int, ...]
    own_gap: tuple[float, float] | None
    other_gap: tuple[float, float] | None


def contests(losses: RecombinedLosses, depth: int, pair: tuple[int, int], n: int = MOST) -> list[Contest]:
    """Return both contests of a pair at a depth, losses averaged over the seeds that have both; none if not measured.

    Args:
        losses: Of samples.
        depth: Counted from 0.
        pair: Two tasks.
        n: How many samples of each kind.
    """
    found = []
    for target, source in (pair, pair[::-1]):
        gaps = losses.values[:, depth, target, source] - losses.values[:, depth, target, target]
        there = ~np.isnan(gaps)
        number = there.sum(axis=0)
        gap = np.divide(
            np.where(there, gaps, 0.0).sum(axis=0), number, out=np.zeros(len(number)), where=number > 0, dtype=float
        )
        if not number.any():
            continue
        ranked = np.argsort(-gap, kind="stable")
        own = [int(sample) for sample in ranked[:n] if gap[sample] > 0]
        other = [int(sample) for sample in ranked[::-1][:n] if gap[sample] < 0]
        found.append(Contest(target, source, tuple(own), tuple(other), _ends(gap, own), _ends(-gap, other)))
    return found


def _ends(gap: np.ndarray, samples: list[int]) -> tuple[float, float] | None:
    return (float(gap[samples[0]]), float(gap[samples[-1]])) if samples else None
