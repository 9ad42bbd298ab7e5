"""Rendered geometry agrees with itself: depth, normals and classes describe one scene."""

import numpy as np
import pytest

from core.data.raycast import FIRST_SOLID, FLOOR, WALL, draw_scenes, render

SIZE = 24


@pytest.fixture(scope="module")
def scenes():
    return draw_scenes(40, np.random.default_rng(7))


@pytest.fixture(scope="module")
def rendering(scenes):
    return render(scenes, SIZE)


def world(scenes, rendering):
    """Points seen by each pixel and their normals, in world axes, from depth and camera alone."""
    middle = (np.arange(SIZE) + 0.5) / SIZE * 2 - 1
    v, u = np.meshgrid(-middle, middle, indexing="ij")
    spread = scenes.spread[:, None, None]
    in_camera = np.stack([u * spread, v * spread, np.ones((len(scenes), SIZE, SIZE))], axis=1) * rendering.depth
    points = np.einsum("nwc,nchv->nwhv", scenes.rotation, in_camera) + scenes.camera[:, :, None, None]
    return points, np.einsum("nwc,nchv->nwhv", scenes.rotation, rendering.normals)


def test_normals_have_length_one_and_face_the_camera(scenes, rendering):
    np.testing.assert_allclose(np.linalg.norm(rendering.normals, axis=1), 1, atol=1e-4)
    points, normals = world(scenes, rendering)
    towards = scenes.camera[:, :, None, None] - points
    assert ((normals * towards).sum(axis=1) > -1e-4).all()


def test_camera_axes_are_a_rotation(scenes):
    products = np.einsum("nca,ncb->nab", scenes.rotation, scenes.rotation)
    np.testing.assert_allclose(products, np.broadcast_to(np.eye(3), products.shape), atol=1e-5)
    # Right, up and forward are left-handed here: x right, y up, z away from the viewer.
    np.testing.assert_allclose(
        np.cross(scenes.rotation[:, :, 2], scenes.rotation[:, :, 0]), scenes.rotation[:, :, 1], atol=1e-5
    )


def test_floor_pixels_lie_on_the_floor_and_wall_pixels_on_the_wall(scenes, rendering):
    points, normals = world(scenes, rendering)
    floor = rendering.classes == FLOOR
    assert floor.any()
    assert np.abs(points[:, 1][floor]).max() < 1e-4
    np.testing.assert_allclose(normals[:, 1][floor], 1, atol=1e-4)
    offsets = np.einsum("nc,nchw->nhw", scenes.wall[:, :3], points) - scenes.wall[:, 3, None, None]
    wall = rendering.classes == WALL
    assert wall.any()
    assert np.abs(offsets[wall]).max() < 1e-3
    # Nothing is seen through the floor or behind the wall.
    assert points[:, 1].min() > -1e-4
    assert offsets.min() > -1e-3


def test_every_solid_pixel_lies_on_a_solid_of_its_class(scenes, rendering):
    points, _ = world(scenes, rendering)
    for n, row, column in np.argwhere(rendering.classes >= FIRST_SOLID):
        kind = rendering.classes[n, row, column] - FIRST_SOLID
        distances = [
            surface_distance(scenes, n, solid, points[n, :, row, column])
            for solid in np.flatnonzero(scenes.kind[n] == kind)
        ]
        assert min(distances) < 1e-3


def surface_distance(scenes, n, solid, point):
    cos, sin = np.cos(scenes.turn[n, solid]), np.sin(scenes.turn[n, solid])
    x, y, z = point - scenes.centre[n, solid]
    local = np.array([cos * x + sin * z, y, cos * z - sin * x]) / scenes.half[n, solid]
    kind = scenes.kind[n, solid]
    if kind == 0:
        return abs(np.linalg.norm(local) - 1)
    if kind == 1:
        return abs(np.abs(local).max() - 1)
    return abs(max(np.hypot(local[0], local[2]), abs(local[1])) - 1)


def test_depth_steps_agree_with_normals_inside_flat_regions(scenes, rendering):
    points, normals = world(scenes, rendering)
    along = points[:, :, :, 1:] - points[:, :, :, :-1]
    same = (normals[:, :, :, 1:] * normals[:, :, :, :-1]).sum(axis=1) > 1 - 1e-6
    same &= rendering.classes[:, :, 1:] == rendering.classes[:, :, :-1]
    same &= rendering.classes[:, :, 1:] < FIRST_SOLID
    out_of_plane = (along * normals[:, :, :, 1:]).sum(axis=1)
    assert np.abs(out_of_plane[same]).max() < 1e-3


def test_solids_stand_on_the_floor_and_apart(scenes):
    present = scenes.kind >= 0
    np.testing.assert_allclose(scenes.centre[..., 1][present], scenes.half[..., 1][present], rtol=1e-6)
    reach = np.where(scenes.kind == 1, np.hypot(scenes.half[..., 0], scenes.half[..., 2]), scenes.half[..., 0])
    for n in range(len(scenes)):
        solids = np.flatnonzero(present[n])
        for i in solids:
            for j in solids[solids > i]:
                gap = np.hypot(*(scenes.centre[n, i] - scenes.centre[n, j])[[0, 2]])
                assert gap > reach[n, i] + reach[n, j] - 1e-5


def test_a_solid_throws_a_shadow(scenes):
    pair = scenes.part(slice(0, 1))
    lone = {
        name: getattr(pair, name).copy() for name in ("kind", "centre", "half", "colour", "light", "camera", "wall")
    }
    lone["kind"][:] = [[1, -1, -1, -1]]
    lone["centre"][0, 0], lone["half"][0, 0] = (0, 0.6, 3), (0.5, 0.6, 0.5)
    lone["light"][:] = (3, 3, 3)
    scene = type(pair)(**{**{f: getattr(pair, f) for f in ("rotation", "spread", "turn")}, **lone})
    with_box = render(scene, 48)
    scene.kind[:] = -1
    without = render(scene, 48)
    still_floor = (with_box.classes == FLOOR) & (without.classes == FLOOR)
    darker = (with_box.picture.sum(axis=1) < without.picture.sum(axis=1) - 1e-4) & still_floor
    brighter = (with_box.picture.sum(axis=1) > without.picture.sum(axis=1) + 1e-4) & still_floor
    assert darker.sum() > 5
    assert not brighter.any()


def test_colours_come_from_one_distribution():
    many = draw_scenes(4000, np.random.default_rng(0))
    means = many.colour.mean(axis=0)
    np.testing.assert_allclose(means, np.broadcast_to(means.mean(axis=0), means.shape), atol=0.02)


def test_a_part_renders_like_the_whole(scenes, rendering):
    part = render(scenes.part(slice(10, 20)), SIZE)
    np.testing.assert_allclose(part.depth, rendering.depth[10:20], atol=1e-5)
    assert (part.classes == rendering.classes[10:20]).mean() > 0.999
