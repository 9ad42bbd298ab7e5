"""Strokes of known thickness and slant."""

import numpy as np
import pytest

from core.data.strokes import slant, thickness

SIDE = 28
_FINE = 8


def _stroke(width, degrees=0.0, length=18.0):
    """Return a scan ``uint8 [28, 28]`` of a straight stroke through the middle, sheared to the right."""
    place = (np.arange(SIDE * _FINE) + 0.5) / _FINE - SIDE / 2
    y, x = np.meshgrid(place, place, indexing="ij")
    lean = np.tan(np.radians(degrees))
    drawn = (np.abs(x + lean * y) * np.cos(np.radians(degrees)) <= width / 2) & (np.abs(y) <= length / 2)
    return (255 * drawn.reshape(SIDE, _FINE, SIDE, _FINE).mean(axis=(1, 3))).astype(np.uint8)


@pytest.mark.parametrize("degrees", [0, 20, -35])
def test_thickness_is_the_width_of_a_stroke_however_it_leans(degrees):
    widths = [2.0, 3.0, 4.0, 5.0]
    found = thickness(np.stack([_stroke(width, degrees) for width in widths]))
    assert found == pytest.approx(widths, rel=0.15)


def test_slant_is_the_shear_of_a_stroke_and_positive_to_the_right():
    degrees = [-30.0, -10.0, 0.0, 25.0]
    found = slant(np.stack([_stroke(3, angle) for angle in degrees]))
    assert found == pytest.approx(degrees, abs=1.0)


def test_neither_depends_on_place_and_brightness():
    scan = _stroke(3, 20)
    moved = np.roll(scan, (2, -4), axis=(0, 1))
    scans = np.stack([scan, moved, scan // 2])
    for measure in (thickness, slant):
        assert np.ptp(measure(scans)) < 0.02 * abs(measure(scans)[0])


def test_a_mirrored_stroke_leans_the_other_way_and_is_as_thick():
    scan = _stroke(3, 20)
    pair = np.stack([scan, scan[:, ::-1]])
    assert slant(pair).sum() == pytest.approx(0, abs=1e-9)
    assert np.ptp(thickness(pair)) < 1e-9


def test_where_nothing_is_drawn_nothing_is_measured():
    scans = np.stack([np.zeros((SIDE, SIDE), dtype=np.uint8), _stroke(3)])
    for measure in (thickness, slant):
        assert np.isnan(measure(scans)).tolist() == [True, False]
