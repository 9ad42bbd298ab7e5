"""Training pictures changed at random: from seed and step alone, so that all layouts of a seed see the same pictures.

A batch is changed as a whole on its device, every picture in its own way. Maps move with their pictures: of
segmentation and other maps the nearest pixel is taken, so that nothing is mixed and what is missing stays missing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from core.data.membership import MIDDLE, RANGE, SPREAD
from core.data.missing import MISSING_CLASS
from core.errors import DataError
from core.runs.augmentation import Augmentation, Color, Crop, Erase, Flip, Noise, Rotate
from core.tasks import Kind, Task
from core.training.tensors import Tensors

# Weights of red, green and blue in grey, as torchvision has them.
_GREY = (0.2989, 0.587, 0.114)


@dataclass(frozen=True, slots=True)
class Augment:
    """Changes the batches of a training.

    Args:
        changes: What is done, in this order of geometry first and colours last.
        kinds: What each target is.
        seed: Of the run.
    """

    changes: tuple[Augmentation, ...]
    kinds: tuple[Kind, ...]
    seed: int

    def starting(self, data: Tensors) -> Tensors:
        """Return training samples as losses have to see them: turned maps lack what was outside."""
        if not any(isinstance(change, Rotate) for change in self.changes):
            return data
        complete = tuple(known and not kind.is_map for known, kind in zip(data.complete, self.kinds, strict=True))
        return replace(data, complete=complete)

    def at(self, data: Tensors, step: int) -> Tensors:
        """Return training samples whose batches are changed as in one step."""
        return replace(data, change=lambda pictures, targets: self.batch(pictures, targets, (self.seed, step)))

    def batch(self, pictures: Tensor, targets: Sequence[Tensor], draw: Sequence[int]) -> tuple[Tensor, list[Tensor]]:
        """Return changed pictures and their targets.

        Args:
            pictures: Normalised, ``[n, 3, height, width]``.
            targets: Of each task.
            draw: Numbers that decide what is drawn.
        """
        random = torch.Generator().manual_seed(int(np.random.SeedSequence(draw).generate_state(1, np.uint64)[0] >> 1))
        made, moved = pictures, list(targets)
        place = torch.eye(2, 3).repeat(len(pictures), 1, 1)
        zoom = torch.ones(len(pictures))
        for change in self.changes:
            if isinstance(change, Flip):
                chosen = torch.rand(len(made), generator=random) < change.share
                made, moved = _flipped(made, moved, self.kinds, chosen, vertical=change.name == "vertical-flip")
            elif isinstance(change, Crop):
                zoom = change.least + (1 - change.least) * torch.rand(len(made), generator=random)
                corner = (2 * torch.rand(len(made), 2, generator=random) - 1) * (1 - zoom)[:, None]
                place = _after(place, torch.cat([torch.eye(2) * zoom[:, None, None], corner[..., None]], dim=2))
            elif isinstance(change, Rotate):
                angle = math.radians(change.degrees) * (2 * torch.rand(len(made), generator=random) - 1)
                place = _after(place, _turned(angle, made.shape[-1] / made.shape[-2]))
        if any(isinstance(change, Crop | Rotate) for change in self.changes):
            place, zoom = place.to(made.device), zoom.to(made.device)
            made = _moved(made, place, "bilinear")
            moved = [_moved_map(kind, one, place, zoom) for kind, one in zip(self.kinds, moved, strict=True)]
        for change in self.changes:
            if isinstance(change, Color):
                made = _coloured(made, change, random)
            elif isinstance(change, Noise):
                noise = torch.randn(made.shape, generator=random).to(made.device)
                made = made + noise * (change.deviation * RANGE / SPREAD)
            elif isinstance(change, Erase):
                made = _erased(made, change, random)
        return made.contiguous(memory_format=torch.channels_last), moved


def check_augmentation(task: Task, changes: Sequence[Augmentation]) -> None:
    """Check that the target of a task can be changed with its picture, else raise DataError."""
    if task.kind is Kind.NORMALS and any(isinstance(change, Rotate) for change in changes):
        raise DataError(
            f'augment turns pictures, and "{task.name}" predicts normals, of which nobody says whether their second '
            'number points up or down. Remove "rotate".'
        )


def _after(first: Tensor, then: Tensor) -> Tensor:
    """Return where each place of the result comes from, when one change follows another, ``[n, 2, 3]``."""
    return torch.cat([first[..., :2] @ then[..., :2], first[..., :2] @ then[..., 2:] + first[..., 2:]], dim=2)


def _turned(angle: Tensor, aspect: float) -> Tensor:
    cos, sin, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
    # Places are counted from −1 to 1 on both sides of a picture, whatever its proportions.
    rows = [torch.stack([cos, sin / aspect, zero], dim=1), torch.stack([-sin * aspect, cos, zero], dim=1)]
    return torch.stack(rows, dim=1)


def _flipped(
    pictures: Tensor, targets: Sequence[Tensor], kinds: Sequence[Kind], chosen: Tensor, *, vertical: bool
) -> tuple[Tensor, list[Tensor]]:
    axis, rows = -2 if vertical else -1, chosen.to(pictures.device)

    def flip(values: Tensor) -> Tensor:
        where = rows.reshape(-1, *[1] * (values.ndim - 1))
        return torch.where(where, values.flip(axis), values)

    found = [flip(one) if kind.is_map else one for kind, one in zip(kinds, targets, strict=True)]
    for number, kind in enumerate(kinds):
        if kind is Kind.NORMALS:
            turn = torch.ones(len(rows), 3, 1, 1, device=pictures.device)
            turn[rows, int(vertical)] = -1
            found[number] = found[number] * turn
    return flip(pictures), found


def _moved(values: Tensor, place: Tensor, mode: str) -> Tensor:
    grid = functional.affine_grid(place, [*values.shape], align_corners=False)
    return functional.grid_sample(values, grid, mode=mode, padding_mode="zeros", align_corners=False)


def _moved_map(kind: Kind, target: Tensor, place: Tensor, zoom: Tensor) -> Tensor:
    if not kind.is_map:
        return target
    values = target[:, None].float() if kind is Kind.SEGMENTATION else target
    inside = _moved(torch.ones_like(values[:, :1]), place, "nearest") > 0
    moved = _moved(values, place, "nearest")
    if kind is Kind.SEGMENTATION:
        return torch.where(inside, moved, MISSING_CLASS)[:, 0].long()
    if kind is Kind.DEPTH:
        # What looks larger is nearer.
        moved = moved * zoom[:, None, None, None]
    return torch.where(inside, moved, torch.nan)


def _coloured(pictures: Tensor, change: Color, random: torch.Generator) -> Tensor:
    def factor(strength: float) -> Tensor:
        drawn = 1 + strength * (2 * torch.rand(len(pictures), generator=random) - 1)
        return drawn.to(pictures.device)[:, None, None, None]

    def mixed(values: Tensor, other: Tensor | float, share: Tensor) -> Tensor:
        return (share * values + (1 - share) * other).clamp(0, RANGE)

    weights = torch.tensor(_GREY, device=pictures.device)[:, None, None]
    values = (pictures * SPREAD + MIDDLE).clamp(0, RANGE)
    values = mixed(values, 0.0, factor(change.brightness))
    grey = (values * weights).sum(dim=1, keepdim=True)
    values = mixed(values, grey.mean(dim=(1, 2, 3), keepdim=True), factor(change.contrast))
    values = mixed(values, (values * weights).sum(dim=1, keepdim=True), factor(change.saturation))
    return (values - MIDDLE) / SPREAD


def _erased(pictures: Tensor, change: Erase, random: torch.Generator) -> Tensor:
    n, _, height, width = pictures.shape
    chosen = torch.rand(n, generator=random) < change.share
    side = (torch.rand(n, generator=random) * change.most * min(height, width)).ceil()
    top, left = torch.rand(2, n, generator=random) * (torch.tensor([[height], [width]]) - side)
    rows, columns = torch.arange(height)[None, :, None], torch.arange(width)[None, None, :]

    def within(numbers: Tensor, start: Tensor) -> Tensor:
        first = start.floor()[:, None, None]
        return (numbers >= first) & (numbers < first + side[:, None, None])

    gone = within(rows, top) & within(columns, left) & chosen[:, None, None]
    return pictures.masked_fill(gone[:, None].to(pictures.device), 0.0)
