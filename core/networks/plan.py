"""What a backbone is made from, as values that a file can hold, so that it can be made again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, Self

import torch
from torch import nn

from core.backbones.backbone import equal_runs
from core.backbones.builder import Builder
from core.errors import BackboneError, FamilyError
from core.networks.pretrained import start_from
from core.networks.profile_all import built
from core.networks.small import small_residual
from core.networks.study_blocks import SMALL, blocks_of
from core.networks.thin_vgg import thin_vgg16
from core.networks.traced_network import shrink_stem, starts_of
from core.networks.tracing import TracedBackbone, detect
from core.runs.pretrained import PretrainedWeights
from core.runs.settings import TORCHVISION, HeadKind
from core.studies.specification import BackboneSpecification

Stem = Literal["small", "original"]

# Which argument makes a network of torchvision thinner or wider, and what it is at width 1.
_WIDTHS: Final[Mapping[str, tuple[str, float]]] = {
    "mobilenet_v2": ("width_mult", 1.0),
    "mobilenet_v3_small": ("width_mult", 1.0),
    "mobilenet_v3_large": ("width_mult", 1.0),
    "resnet50": ("width_per_group", 64),
    "resnet101": ("width_per_group", 64),
    "resnet152": ("width_per_group", 64),
}
MAX_WIDTH: Final = 4.0
MAX_SIDE: Final = 1024


@dataclass(frozen=True, slots=True)
class BackbonePlan:
    """How to make the blocks of a backbone.

    Args:
        builder: Python expression that makes the network, such as ``torchvision.models.resnet18()``.
        size: Height and width of the pictures.
        starts: Which of the blocks found start a block here; empty takes all of them.
        stem: ``small`` lets the first convolution and pooling keep the size of small pictures.
        weights: Pretrained weights that the blocks start from; random ones where None.
        heads: Which heads go on top for tasks that answer per pixel.
        traced: A backbone of a study that no builder makes; ``builder`` is its name then.

    Raises:
        BackboneError: The builder is none that is known, or one of its arguments is out of range.
        FamilyError: The size of the pictures is out of range.
    """

    builder: str
    size: tuple[int, int]
    starts: tuple[int, ...] = ()
    stem: Stem = "original"
    weights: PretrainedWeights | None = None
    heads: HeadKind = "light"
    traced: BackboneSpecification | None = None

    def __post_init__(self) -> None:
        if self.traced is None:
            Builder.parse(self.builder)
        if not all(1 <= side <= MAX_SIDE for side in self.size):
            raise FamilyError(f"Pictures of {self.size[0]}×{self.size[1]} are out of range. Use sides to {MAX_SIDE}.")

    @classmethod
    def of(cls, specification: BackboneSpecification, size: tuple[int, int]) -> Self:
        """Return the plan of a study's backbone: its blocks are those of ``blocks_of``.

        Args:
            specification: Name, number of blocks, width and stem.
            size: Height and width of the pictures.

        Raises:
            BackboneError: The name is unknown, or the network has too few branching points.
        """
        if specification.name == SMALL:
            made = specification.small_builder
            return cls(made, size, weights=specification.weights, heads=specification.heads)
        name = specification.torchvision_name
        if not name:
            return cls(specification.name, size, heads=specification.heads, traced=specification)
        made = f"torchvision.models.{name}()"
        plan = cls(made, size, (), specification.stem, specification.weights, specification.heads)
        if specification.cuts:
            return replace(plan, starts=tuple(starts_of(specification.cuts, plan._traced().backbone)))
        return plan.merged_to(specification.blocks)

    def merged_to(self, n_blocks: int) -> Self:
        """Return the plan with blocks joined to ``n_blocks`` of nearly equal multiply-accumulates.

        Raises:
            BackboneError: There are fewer blocks than that.
        """
        return replace(
            self, starts=tuple(equal_runs([block.macs for block in self._traced().backbone.blocks], n_blocks))
        )

    def blocks(self) -> list[nn.Module]:
        """Return the blocks, with torch's present random numbers as weights, or pretrained ones.

        Raises:
            BackboneError: The network can't be made or traced, has other blocks than ``starts`` names or
                other weights.
            DataError: The file of the weights is missing or outside the allowed folders.
        """
        if self.traced is not None:
            return blocks_of(self.traced, self.size)
        builder = Builder.parse(self.builder)
        known: tuple[str, ...] = ()
        if builder.is_own:
            blocks, name = _own(builder), SMALL
        else:
            traced = self._traced()
            blocks = list((traced.merge(self.starts) if self.starts else traced).blocks)
            name, known = f"{TORCHVISION}{builder.name}", traced.tensor_names
        if self.weights is not None:
            start_from(blocks, self.weights, name, known)
        return blocks

    def widened(self, factor: float) -> Self:
        """Return the plan of the same network with ``factor`` times the channels, where its builder has a width.

        Raises:
            FamilyError: It has none, or the factor is out of range.
        """
        if self.traced is not None:
            raise FamilyError(
                f"{self.builder[:80]} has no width to choose: its branches are as wide as it is. Leave the width at 1."
            )
        builder = Builder.parse(self.builder)
        argument, usual = ("width", 8.0) if builder.is_small else _WIDTHS.get(builder.name, ("", 0.0))
        if not argument:
            raise FamilyError(
                f"{builder.function} has no width to choose: its branches are as wide as it is. Leave the width at 1."
            )
        if not 0 < factor <= MAX_WIDTH:
            raise FamilyError(
                f"A branch {factor:g} times as wide was requested. Choose above 0 and up to {MAX_WIDTH:g}."
            )
        arguments = dict(builder.arguments)
        value = factor * float(arguments.get(argument) or usual)
        arguments[argument] = value if argument == "width_mult" else max(round(value), 1)
        # Pretrained weights are of the network's own width.
        return replace(self, builder=str(replace(builder, arguments=tuple(arguments.items()))), weights=None)

    def _traced(self) -> TracedBackbone:
        try:
            network = built(Builder.parse(self.builder))
        except (TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError) as fault:
            reason = " ".join(str(fault).split())[:120].rstrip(".")
            raise BackboneError(f"{self.builder[:80]} can't be made: {reason}. Check its arguments.") from None
        if self.stem == "small":
            shrink_stem(network)
        return detect(network, torch.zeros(2, 3, *self.size), name=self.builder)


def _own(builder: Builder) -> list[nn.Module]:
    arguments = {name: int(value) for name, value in builder.arguments if value is not None}
    try:
        return small_residual(**arguments) if builder.is_small else thin_vgg16(**arguments)
    except TypeError:
        raise BackboneError(f"{builder} can't be made. Write {builder.function}(width=8).") from None
