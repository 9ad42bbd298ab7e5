"""Small scenes of solids on a floor before a wall, and exact pictures of them.

Axes: x to the right, y up, z away from the viewer. The floor is y = 0. Lengths are in
units of about the height of the camera. Arrays are kept with the component axis first,
``[3, n, rays]``, because numpy adds along it several times faster.
"""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.data.solids import normal, passage

Array = NDArray[np.float32]

MAX_SOLIDS: Final = 4
# Classes of the segmentation task; a solid of kind k has class FIRST_SOLID + k.
FLOOR: Final = 0
WALL: Final = 1
FIRST_SOLID: Final = 2
_ABSENT: Final = -1
_CANDIDATES: Final = 12
_AMBIENT: Final = np.float32(0.35)
_LIFT: Final = np.float32(2e-3)


@dataclass(frozen=True, slots=True, eq=False)
class Scenes:
    """``n`` scenes with at most ``MAX_SOLIDS`` solids each.

    Args:
        camera: Position of the camera, ``[n, 3]``.
        rotation: Columns are the camera's right, up and forward axes, ``[n, 3, 3]``.
        spread: Tangent of half the angle of view, ``[n]``.
        wall: The wall's normal (towards the camera) and its offset, ``[n, 4]``.
        kind: Kind of each solid, −1 where there is none, ``[n, MAX_SOLIDS]``.
        centre: Centre of each solid, ``[n, MAX_SOLIDS, 3]``.
        half: Half extent of each solid along its own axes, ``[n, MAX_SOLIDS, 3]``.
        turn: Rotation of each solid about y in radians, ``[n, MAX_SOLIDS]``.
        colour: Colour of floor, wall and solids, 0 to 1, ``[n, 2 + MAX_SOLIDS, 3]``.
        light: Where the light hangs, ``[n, 3]``.
    """

    camera: Array
    rotation: Array
    spread: Array
    wall: Array
    kind: NDArray[np.int8]
    centre: Array
    half: Array
    turn: Array
    colour: Array
    light: Array

    def __len__(self) -> int:
        return len(self.camera)

    def part(self, rows: slice | NDArray[np.intp]) -> "Scenes":
        """Return some of the scenes."""
        return Scenes(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


@dataclass(frozen=True, slots=True, eq=False)
class Rendering:
    """What the rays through the pixel centres met.

    Args:
        picture: Noise-free colours, 0 to 1, ``[n, 3, size, size]``.
        classes: Class of each pixel, ``uint8 [n, size, size]``.
        normals: Unit normals in camera axes, ``[n, 3, size, size]``.
        depth: Distance along the camera's forward axis, ``[n, 1, size, size]``.
    """

    picture: Array
    classes: NDArray[np.uint8]
    normals: Array
    depth: Array


def draw_scenes(n: int, rng: np.random.Generator) -> Scenes:
    """Draw ``n`` scenes: camera, wall, two to four solids, colours and light all vary.

    Colours of floor, wall and solids come from one distribution, so that no colour gives
    a class away.
    """
    camera = np.stack([rng.uniform(-0.7, 0.7, n), rng.uniform(0.9, 1.9, n), np.zeros(n)], axis=1)
    yaw, wall_turn = rng.uniform(-0.18, 0.18, n), rng.uniform(-0.35, 0.35, n)
    pitch = np.arctan2(camera[:, 1] - 0.35, 3.6) + rng.uniform(-0.08, 0.08, n)
    wall_normal = np.stack([np.sin(wall_turn), np.zeros(n), -np.cos(wall_turn)], axis=1)
    wall_offset = -rng.uniform(4.6, 6.5, n)
    kind, centre, half = _draw_solids(n, rng)
    return Scenes(
        camera=camera.astype(np.float32),
        rotation=_axes(yaw, pitch),
        spread=np.tan(rng.uniform(0.42, 0.52, n)).astype(np.float32),
        wall=np.column_stack([wall_normal, wall_offset * np.cos(wall_turn)]).astype(np.float32),
        kind=kind,
        centre=centre,
        half=half,
        turn=rng.uniform(0, np.pi, (n, MAX_SOLIDS)).astype(np.float32),
        colour=_draw_colours((n, 2 + MAX_SOLIDS), rng),
        light=np.stack([rng.uniform(-3, 3, n), rng.uniform(3.5, 6, n), rng.uniform(-1, 2, n)], axis=1).astype(
            np.float32
        ),
    )


def render(scenes: Scenes, size: int) -> Rendering:
    """Return pictures and exact geometry of the scenes, one ray per pixel.

    Args:
        scenes: ``n`` scenes.
        size: Height and width in pixels.
    """
    n = len(scenes)
    direction = _rays(scenes, size)
    origin = scenes.camera.T[:, :, None]
    depth, surface, normals = _first_hits(scenes, origin, direction)
    point = origin + depth * direction
    picture = _shade(scenes, point, surface, normals)
    in_camera = np.einsum("nck,cnr->knr", scenes.rotation, normals, optimize=True)
    kinds = np.concatenate([np.tile(np.array([FLOOR, WALL]), (n, 1)), scenes.kind + FIRST_SOLID], axis=1)
    return Rendering(
        picture=_as_pictures(picture, size),
        classes=np.take_along_axis(kinds, surface, axis=1).astype(np.uint8).reshape(n, size, size),
        normals=_as_pictures(in_camera, size),
        depth=depth.reshape(n, 1, size, size),
    )


def _as_pictures(values: Array, size: int) -> Array:
    return np.ascontiguousarray(values.transpose(1, 0, 2).reshape(values.shape[1], 3, size, size), dtype=np.float32)


def _axes(yaw: NDArray[np.float64], pitch: NDArray[np.float64]) -> Array:
    zero = np.zeros_like(yaw)
    forward = np.stack([np.sin(yaw) * np.cos(pitch), -np.sin(pitch), np.cos(yaw) * np.cos(pitch)], axis=1)
    right = np.stack([np.cos(yaw), zero, -np.sin(yaw)], axis=1)
    return np.stack([right, np.cross(forward, right), forward], axis=2).astype(np.float32)


def _draw_solids(n: int, rng: np.random.Generator) -> tuple[NDArray[np.int8], Array, Array]:
    kind = rng.integers(0, 3, (n, MAX_SOLIDS)).astype(np.int8)
    kind[np.arange(MAX_SOLIDS) >= rng.integers(2, MAX_SOLIDS + 1, n)[:, None]] = _ABSENT
    across = rng.uniform(0.3, 0.65, (n, MAX_SOLIDS))
    half = np.stack([across, rng.uniform(0.28, 0.8, (n, MAX_SOLIDS)), across], axis=2)
    half[..., 2] = np.where(kind == 1, across * rng.uniform(0.6, 1.4, (n, MAX_SOLIDS)), across)
    half[..., 1] = np.where(kind == 0, across, half[..., 1])
    reach = np.where(kind == 1, np.hypot(half[..., 0], half[..., 2]), across)
    centre = np.zeros((n, MAX_SOLIDS, 3))
    centre[..., 1] = half[..., 1]
    for solid in range(MAX_SOLIDS):
        tried = np.stack([rng.uniform(-1.4, 1.4, (n, _CANDIDATES)), rng.uniform(2.0, 3.8, (n, _CANDIDATES))], axis=2)
        free = np.ones((n, _CANDIDATES), dtype=bool)
        for other in range(solid):
            gap = np.hypot(*np.moveaxis(tried - centre[:, other, None, ::2], 2, 0))
            free &= (gap > (reach[:, solid] + reach[:, other])[:, None]) | (kind[:, other, None] == _ABSENT)
        centre[:, solid, ::2] = tried[np.arange(n), free.argmax(axis=1)]
        # Solids never run into each other: where no candidate is free there is one solid less.
        kind[~free.any(axis=1), solid] = _ABSENT
    return kind, centre.astype(np.float32), half.astype(np.float32)


def _draw_colours(shape: tuple[int, int], rng: np.random.Generator) -> Array:
    hue, saturation, value = rng.uniform(0, 1, shape), rng.uniform(0.1, 0.9, shape), rng.uniform(0.35, 0.95, shape)
    wheel = np.abs((hue[..., None] * 6 + np.array([3.0, 1.0, 5.0])) % 6 - 3) - 1
    colours: Array = (value[..., None] * (1 - saturation[..., None] * (1 - np.clip(wheel, 0, 1)))).astype(np.float32)
    return colours


def _rays(scenes: Scenes, size: int) -> Array:
    middle = ((np.arange(size) + 0.5) / size * 2 - 1).astype(np.float32)
    v, u = np.meshgrid(-middle, middle, indexing="ij")
    plane = np.stack([u.ravel(), v.ravel()])[:, None, :] * scenes.spread[:, None]
    in_camera = np.concatenate([plane, np.ones_like(plane[:1])])
    found: Array = np.einsum("nck,knr->cnr", scenes.rotation, in_camera, optimize=True).astype(np.float32)
    return found


def _to_frame(scenes: Scenes, rows: NDArray[np.intp], solid: int, vectors: Array, shift: bool) -> Array:
    cos, sin = np.cos(scenes.turn[rows, solid, None]), np.sin(scenes.turn[rows, solid, None])
    centre = scenes.centre[rows, solid].T[:, :, None] if shift else np.zeros((3, 1, 1), dtype=np.float32)
    x, y, z = vectors - centre
    half = scenes.half[rows, solid].T[:, :, None]
    found: Array = np.stack([(cos * x + sin * z) / half[0], y / half[1], (cos * z - sin * x) / half[2]])
    return found


def _normal_from_frame(scenes: Scenes, rows: NDArray[np.intp], solid: int, vectors: Array) -> Array:
    cos, sin = np.cos(scenes.turn[rows, solid, None]), np.sin(scenes.turn[rows, solid, None])
    x, y, z = vectors / scenes.half[rows, solid].T[:, :, None]
    turned = np.stack([cos * x - sin * z, y, sin * x + cos * z])
    unit: Array = turned / np.sqrt((turned**2).sum(axis=0))
    return unit


def _first_hits(scenes: Scenes, origin: Array, direction: Array) -> tuple[Array, NDArray[np.intp], Array]:
    n, n_rays = direction.shape[1:]
    normals = np.empty((3, n, n_rays), dtype=np.float32)
    normals[:] = np.array([0, 1, 0], dtype=np.float32)[:, None, None]
    with np.errstate(divide="ignore"):
        depth = np.where(direction[1] < 0, -origin[1] / np.minimum(direction[1], -1e-9), np.inf).astype(np.float32)
    surface = np.zeros((n, n_rays), dtype=np.intp)
    facing = scenes.wall[:, :3].T[:, :, None]
    to_wall = (scenes.wall[:, 3, None] - (facing * origin).sum(axis=0)) / (facing * direction).sum(axis=0)
    _nearer(depth, surface, normals, slice(None), to_wall, to_wall > 0, WALL, facing)
    for solid in range(MAX_SOLIDS):
        for kind in range(3):
            rows = np.flatnonzero(scenes.kind[:, solid] == kind)
            if not len(rows):
                continue
            start = _to_frame(scenes, rows, solid, np.broadcast_to(origin[:, rows], (3, len(rows), 1)), True)
            along = _to_frame(scenes, rows, solid, direction[:, rows], False)
            through = passage(kind, start, along)
            met = through.met & (through.enter > 0)
            at: Array = start + np.where(met, through.enter, 0).astype(np.float32) * along
            outward = _normal_from_frame(scenes, rows, solid, normal(kind, at))
            _nearer(depth, surface, normals, rows, through.enter, met, 2 + solid, outward)
    return depth, surface, normals


def _nearer(
    depth: Array,
    surface: NDArray[np.intp],
    normals: Array,
    rows: slice | NDArray[np.intp],
    distance: Array,
    met: NDArray[np.bool_],
    name: int,
    outward: Array,
) -> None:
    wins = met & (distance < depth[rows])
    depth[rows] = np.where(wins, distance, depth[rows])
    surface[rows] = np.where(wins, name, surface[rows])
    normals[:, rows] = np.where(wins, outward, normals[:, rows])


def _shade(scenes: Scenes, point: Array, surface: NDArray[np.intp], normals: Array) -> Array:
    start = point + _LIFT * normals
    to_light = scenes.light.T[:, :, None] - start
    lit = (normals * to_light).sum(axis=0) / np.sqrt((to_light**2).sum(axis=0))
    visible = lit > 0
    for solid in range(MAX_SOLIDS):
        for kind in range(3):
            rows = np.flatnonzero(scenes.kind[:, solid] == kind)
            if len(rows):
                begin = _to_frame(scenes, rows, solid, start[:, rows], True)
                through = passage(kind, begin, _to_frame(scenes, rows, solid, to_light[:, rows], False))
                visible[rows] &= ~(through.met & (through.leave > 0) & (through.enter < 1))
    strength = _AMBIENT + (1 - _AMBIENT) * np.where(visible, lit, 0)
    colour = np.take_along_axis(scenes.colour, surface[:, :, None], axis=1)
    return np.asarray(colour.transpose(2, 0, 1) * strength, dtype=np.float32)
