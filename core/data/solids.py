"""Where rays enter and leave spheres, boxes and cylinders, in each solid's own unit frame."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

SPHERE: Final = 0
BOX: Final = 1
CYLINDER: Final = 2
_TINY: Final = np.float32(1e-12)
_FAR: Final = np.float32(np.inf)


class Passage(NamedTuple):
    """The stretch of each ray inside a solid; empty where ``enter > leave``.

    Args:
        enter: Ray parameter where the ray comes in, ``[n, rays]``.
        leave: Ray parameter where it goes out, ``[n, rays]``.
    """

    enter: Array
    leave: Array

    @property
    def met(self) -> NDArray[np.bool_]:
        """Where the ray passes through the solid, ``[n, rays]``."""
        return self.enter <= self.leave


def passage(kind: int, origin: Array, direction: Array) -> Passage:
    """Return where rays pass through a unit solid around the zero point.

    The sphere has radius 1, the box spans −1 to 1 on every axis, the cylinder stands on
    the y axis with radius 1 from y = −1 to 1.

    Args:
        kind: ``SPHERE``, ``BOX`` or ``CYLINDER``.
        origin: ``[3, n, rays]``.
        direction: ``[3, n, rays]``; need not have length one.
    """
    if kind == SPHERE:
        return _round(origin, direction, (0, 1, 2))
    if kind == BOX:
        slabs = [_slab(origin[axis], direction[axis]) for axis in range(3)]
        return _common(_common(slabs[0], slabs[1]), slabs[2])
    return _common(_round(origin, direction, (0, 2)), _slab(origin[1], direction[1]))


def normal(kind: int, point: Array) -> Array:
    """Return the outward normal of a unit solid at points of its surface, ``[3, n, rays]``.

    Args:
        kind: ``SPHERE``, ``BOX`` or ``CYLINDER``.
        point: Points on the surface, ``[3, n, rays]``.
    """
    if kind == SPHERE:
        return point
    if kind == BOX:
        facing = np.abs(point).argmax(axis=0)
        return np.where(np.arange(3)[:, None, None] == facing, np.sign(point), np.float32(0))
    cap = np.abs(point[1]) > np.hypot(point[0], point[2])
    zero = np.zeros_like(point[0])
    return np.stack(
        [np.where(cap, zero, point[0]), np.where(cap, np.sign(point[1]), zero), np.where(cap, zero, point[2])]
    )


def _slab(origin: Array, direction: Array) -> Passage:
    # A ray that runs along the slab gets ±infinity, which the comparisons treat rightly.
    safe = np.where(np.abs(direction) < _TINY, _TINY, direction)
    first, second = (-1 - origin) / safe, (1 - origin) / safe
    return Passage(np.minimum(first, second), np.maximum(first, second))


def _round(origin: Array, direction: Array, axes: tuple[int, ...]) -> Passage:
    a = sum((direction[i] ** 2 for i in axes), start=np.zeros_like(direction[0])) + _TINY
    half_b = sum((origin[i] * direction[i] for i in axes), start=np.zeros_like(direction[0]))
    c = sum((origin[i] ** 2 for i in axes), start=np.zeros_like(direction[0])) - 1
    disc = half_b**2 - a * c
    root = np.sqrt(np.maximum(disc, 0))
    missed = disc < 0
    return Passage(
        np.where(missed, _FAR, (-half_b - root) / a).astype(np.float32),
        np.where(missed, -_FAR, (-half_b + root) / a).astype(np.float32),
    )


def _common(one: Passage, other: Passage) -> Passage:
    return Passage(np.maximum(one.enter, other.enter), np.minimum(one.leave, other.leave))
