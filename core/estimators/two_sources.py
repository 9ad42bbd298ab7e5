"""How far two sources of affinities agree, depth by depth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.estimators.correlation import correlation, correlations

Array = NDArray[np.float64]

# The rank correlation of fewer pairs takes a handful of values only.
FEW_PAIRS = 6


@dataclass(frozen=True, slots=True)
class SourceAgreement:
    """Rank correlations of two tensors over the pairs of tasks.

    Args:
        by_depth: Spearman at each depth; None where fewer than three pairs are known to both, or one has no order.
        low: Lower end of the 90 % interval over resamples of the first tensor, where there are any.
        high: Upper end.
        overall: Over the pairs of all depths together.
        n_pairs: Pairs at one depth.
    """

    by_depth: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    overall: float | None
    n_pairs: int


def agreement(one: Array, other: Array, draws: NDArray[np.floating] | None = None) -> SourceAgreement:
    """Return how well two tensors agree on the order of the pairs of tasks; strict upper triangles only.

    Args:
        one: ``[n_depths, n_tasks, n_tasks]``; NaN in holes.
        other: Same shape.
        draws: Resamples of the first one, ``[n, n_depths, n_tasks, n_tasks]``.
    """
    first, second = np.triu_indices(one.shape[1], 1)
    a, b = one[:, first, second], other[:, first, second]
    known = ~np.isnan(a) & ~np.isnan(b)
    by_depth = tuple(correlation("spearman", p[k], q[k]) for p, q, k in zip(a, b, known, strict=True))
    low: list[float | None] = [None] * len(one)
    high: list[float | None] = [None] * len(one)
    if draws is not None and len(first) > 2:
        for depth in np.flatnonzero(known.all(axis=1)).tolist():
            drawn = draws[:, depth, first, second].astype(np.float64)
            if not np.isnan(drawn).any():
                found = correlations("spearman", drawn, np.broadcast_to(b[depth], drawn.shape).copy())
                found = found[~np.isnan(found)]
                if len(found):
                    low[depth], high[depth] = (float(end) for end in np.quantile(found, [0.05, 0.95]))
    return SourceAgreement(by_depth, tuple(low), tuple(high), correlation("spearman", a[known], b[known]), len(first))


def agreement_sentences(found: SourceAgreement, one: str, other: str) -> list[str]:
    """Return sentences on how well two sources agree.

    Args:
        found: The correlations.
        one: What the first source is called.
        other: What the second is called.
    """
    known = [value for value in found.by_depth if value is not None]
    if found.n_pairs < 3:
        return ["Two tasks make one pair, and one pair has no order that two sources could agree on."]
    if not known:
        return ["At no depth do both sources know three pairs that have an order."]
    said = []
    if found.overall is not None:
        said.append(
            f"Over the pairs of all depths together, {one} and {other} have a correlation of {_signed(found.overall)}."
        )
    said.append(f"Within single depths the correlation is {_range(known)}.")
    if found.n_pairs < FEW_PAIRS:
        said.append(
            f"{found.n_pairs} pairs have only a few possible orders, so a single depth says little; the "
            "correlation over all depths says more."
        )
    return said


def _range(values: list[float]) -> str:
    low, high = min(values), max(values)
    return _signed(low) if round(low, 2) == round(high, 2) else f"{_signed(low)} to {_signed(high)}"


def _signed(value: float) -> str:
    return f"{value + 0.0:.2f}".replace("-", "−")
