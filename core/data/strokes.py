"""How thick the strokes of a scanned digit are, and how far it leans: measured, not labelled."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Scans = NDArray[np.uint8]
Values = NDArray[np.float64]

# Scans are enlarged so that strokes are more than a few pixels wide.
_ENLARGED: Final = 4
# A pixel is ink where it is brighter than this share of its picture's range.
_INK: Final = 0.5
# Pictures of a chunk are enlarged together.
_CHUNK: Final = 250


def slant(scans: Scans) -> Values:
    """Return how far each digit leans to the right, in degrees from upright, ``[n]``; NaN where nothing is drawn.

    It is the angle of the horizontal shear that makes the picture upright: arctan(−μ₁₁/μ₀₂), with the central
    moments μ_pq = Σ I (x − x̄)^p (y − ȳ)^q of its brightness I, and y counted downwards.

    Args:
        scans: Bright strokes on black, ``[n, height, width]``.

    Reference:
        Castro et al., Morpho-MNIST: Quantitative Assessment and Diagnostics for Representation Learning, JMLR 2019,
        §3.2.
    """
    light = scans.astype(np.float64)
    y, x = (np.arange(side, dtype=np.float64) for side in scans.shape[1:])
    with np.errstate(invalid="ignore", divide="ignore"):
        total = light.sum(axis=(1, 2))
        down = y - (light.sum(axis=2) @ y / total)[:, None]
        across = x - (light.sum(axis=1) @ x / total)[:, None]
        both = np.einsum("nyx,ny,nx->n", light, down, across)
        high = np.einsum("nyx,ny->n", light, down**2)
        found: Values = np.degrees(np.arctan(-both / high))
    return found


def thickness(scans: Scans) -> Values:
    """Return the mean thickness of each digit's strokes, in pixels of the scan, ``[n]``; NaN where nothing is drawn.

    The scan is enlarged four times and divided into ink and paper at half of its range of brightness. A stroke of
    thickness w has pixels at all distances from 0 to w/2 of its edge, w/4 on average: thickness is four times the
    mean distance of ink from paper.

    Args:
        scans: Bright strokes on black, ``[n, height, width]``.

    Reference:
        Castro et al., Morpho-MNIST, §3.2, who take the distance on the skeleton alone, which is w/2. The mean over
        all ink needs no skeleton, and jagged edges, whose skeletons have spurs, change it little.
    """
    down, across = (_enlarging(side) for side in scans.shape[1:])
    found = np.full(len(scans), np.nan)
    for start in range(0, len(scans), _CHUNK):
        large = down @ scans[start : start + _CHUNK].astype(np.float64) @ across.T
        darkest, brightest = large.min(axis=(1, 2)), large.max(axis=(1, 2))
        ink = large > (darkest + _INK * (brightest - darkest))[:, None, None]
        for place, drawn in enumerate(ink, start=start):
            if drawn.any():
                found[place] = _thickness(drawn)
    return found


def _thickness(drawn: NDArray[np.bool_]) -> float:
    # Paper around the picture: a stroke ends at its border. An edge lies between two pixels, half a pixel nearer.
    distances = ndimage.distance_transform_edt(np.pad(drawn, 1))
    return float(4 * (distances[distances > 0] - 0.5).mean() / _ENLARGED)


def _enlarging(side: int) -> Values:
    """Return the matrix ``[4 · side, side]`` that enlarges a column by cubic splines."""
    found: Values = ndimage.zoom(np.eye(side), (_ENLARGED, 1), order=3, mode="nearest", grid_mode=True)
    return found
