"""Gains of many networks, drawn towards each other: the best of many is best by luck, too."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Fewer networks say too little about how far networks differ.
FEWEST: Final = 8
_GRID: Final = 80
_TINY: Final = 1e-12


def drawn_together(means: Array, variances: Array, drawn: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return mean and variance of the expected gain of each network in each draw, given those of all.

    Networks differ by a normal distribution around their mean, of unknown width: its posterior has a flat prior. Where
    they differ much more than noise, gains stay what they are. It is one distribution for all families: were small
    families left out, or drawn towards means of their own, the luckiest network would be looked for among them.

    Args:
        means: Measured, ``[n_points]``.
        variances: Of the noise of these means, ``[n_points]``.
        drawn: The same, drawn from what is known of them, ``[n_draws, n_points]``.
        rng: Source of the draws.

    Returns:
        Both ``[n_draws, n_points]``.

    Reference:
        Gelman et al., Bayesian Data Analysis, §5.4.
    """
    widest = 4 * float(means.std()) + _TINY
    widths = np.linspace(0.0, widest, _GRID + 1)[1:] - widest / (2 * _GRID)
    total = widths[:, None] ** 2 + variances
    precision = (1 / total).sum(axis=1)
    centres = (means / total).sum(axis=1) / precision
    evidence = -0.5 * (
        np.log(total).sum(axis=1) + np.log(precision) + ((means - centres[:, None]) ** 2 / total).sum(axis=1)
    )
    chance = np.exp(evidence - evidence.max())
    chosen = rng.choice(_GRID, size=len(drawn), p=chance / chance.sum())
    centre = centres[chosen] + rng.standard_normal(len(drawn)) / np.sqrt(precision[chosen])
    between = widths[chosen, None] ** 2
    kept = between / (between + drawn)
    return kept * means + (1 - kept) * centre[:, None], kept * drawn
