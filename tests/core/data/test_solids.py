"""Rays through solids: against points sampled along the ray, and closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.solids import BOX, CYLINDER, SPHERE, normal, passage


def inside(kind, point):
    x, y, z = point
    if kind == SPHERE:
        return x**2 + y**2 + z**2 <= 1
    if kind == BOX:
        return (abs(x) <= 1) & (abs(y) <= 1) & (abs(z) <= 1)
    return (x**2 + z**2 <= 1) & (abs(y) <= 1)


def rays(seed, n=40):
    rng = np.random.default_rng(seed)
    origin = rng.normal(size=(3, 1, n)).astype(np.float32)
    origin *= 3 / np.linalg.norm(origin, axis=0)
    towards = rng.uniform(-1.2, 1.2, size=(3, 1, n)).astype(np.float32)
    return origin, towards - origin


@settings(max_examples=20, deadline=None)
@given(kind=st.sampled_from([SPHERE, BOX, CYLINDER]), seed=st.integers(0, 10_000))
def test_passage_agrees_with_points_along_the_ray(kind, seed):
    origin, direction = rays(seed)
    found = passage(kind, origin, direction)
    steps = np.linspace(0, 3, 3001, dtype=np.float32)
    within = np.stack([inside(kind, (origin + t * direction)[:, 0]) for t in steps])
    expected = (steps[:, None] >= found.enter[0]) & (steps[:, None] <= found.leave[0]) & found.met[0]
    # A sampled point within a step of the surface may fall on either side.
    near = np.abs(steps[:, None] - found.enter[0]) < 2e-3
    near |= np.abs(steps[:, None] - found.leave[0]) < 2e-3
    assert np.array_equal(within | near, expected | near)


@settings(max_examples=20, deadline=None)
@given(kind=st.sampled_from([SPHERE, BOX, CYLINDER]), seed=st.integers(0, 10_000))
def test_normal_points_out_of_the_solid_with_length_one(kind, seed):
    origin, direction = rays(seed)
    found = passage(kind, origin, direction)
    point = origin + np.where(found.met, found.enter, 0) * direction
    outward = normal(kind, point)[:, found.met]
    point = point[:, found.met]
    np.testing.assert_allclose(np.linalg.norm(outward, axis=0), 1, atol=2e-3)
    assert not inside(kind, point + 0.02 * outward).any()
    assert (np.sum(outward * direction[:, found.met], axis=0) <= 1e-3).all()


@pytest.mark.parametrize(("kind", "enter"), [(SPHERE, 2.0), (BOX, 2.0), (CYLINDER, 2.0)])
def test_a_ray_along_an_axis_enters_at_distance_two(kind, enter):
    origin = np.array([0, 0, -3], dtype=np.float32).reshape(3, 1, 1)
    direction = np.array([0, 0, 1], dtype=np.float32).reshape(3, 1, 1)
    found = passage(kind, origin, direction)
    assert found.enter.item() == pytest.approx(enter, abs=1e-5)
    assert found.leave.item() == pytest.approx(enter + 2, abs=1e-5)


@pytest.mark.parametrize("kind", [SPHERE, BOX, CYLINDER])
def test_a_ray_beside_the_solid_misses_it(kind):
    origin = np.array([1.5, 0, -3], dtype=np.float32).reshape(3, 1, 1)
    direction = np.array([0, 0, 1], dtype=np.float32).reshape(3, 1, 1)
    assert not passage(kind, origin, direction).met.any()
