"""Which backbone a study has, and where it is cut into blocks."""

from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from core.errors import CodeError
from core.own_code.reference import check_reference
from core.runs.names_code import NamesCode
from core.runs.pretrained import PretrainedWeights
from core.value_fault import register

TORCHVISION: Final = "torchvision:"
TIMM: Final = "timm:"
SMALL_RESIDUAL: Final = "small-residual"
THIN_VGG: Final = "thin-vgg16"
DILATED: Final = "dilated-"
MOST_BLOCKS: Final = 40
# Of the small residual network; with fewer its first ones are merged.
MOST_SMALL: Final = 5
# Of tasks that answer per pixel.
HeadKind = Literal["light", "aspp", "pyramid"]
_PATH: Final = r"[A-Za-z_][A-Za-z0-9_.]*"
_NAME: Final = register(
    r"^(small-residual|thin-vgg16|dilated-resnet(18|34|50|101)|torchvision:[a-z0-9_]{1,60}|timm:[a-z0-9_.]{1,100}|"
    rf"{_PATH}:{_PATH})$",
    "small-residual, thin-vgg16, dilated-resnet34, torchvision:NAME, timm:NAME, or MODULE:FUNCTION of your own",
)
_BLOCK_NAME: Final = register(r"^[^\x00-\x1f\x7f]{1,200}$", "the number or the name of a block that the network has")
Cut = Annotated[int, Field(ge=1, lt=200)] | Annotated[str, Field(pattern=_BLOCK_NAME)]


class BackboneSpecification(NamesCode):
    """Which backbone: ``small-residual``, or a network that is traced and cut into blocks.

    Args:
        name: The built-in ``small-residual``; ``thin-vgg16`` and ``dilated-resnet34``, also 18, 50 and 101, as papers
            have them; ``torchvision:NAME`` or ``timm:NAME``; or ``MODULE:FUNCTION`` of your own, which
            returns a network. Weights are random unless ``[backbone.weights]`` says otherwise.
        width: Channels of the first block of ``small-residual``, and most channels of a convolution of ``thin-vgg16``.
        blocks: Number of blocks the backbone is cut or merged into; ``small-residual`` has at most five, and with
            fewer the first ones, which are cheap, are one.
        stem: With ``small`` the first convolution keeps the size of small pictures; ``original`` is as published.
            Networks of your own are left as they are.
        weights: Pretrained weights that the blocks start from; random ones where left out.
        heads: Of tasks that answer per pixel: two convolutions, atrous spatial pyramid pooling as DeepLab has it, or
            pyramid pooling as PSPNet has it.
        args: Keyword arguments of your function, or of the network of timm.
        code: State of your code; filled in when the study is prepared, and part of the key of every run.
        cuts: Where blocks start, from the second one on: numbers from 1, or names, as ``branchwise backbone`` prints
            them. Blocks of nearly equal MACs where left out.
    """

    added: ClassVar[frozenset[str]] = frozenset({"args", "code", "cuts", "heads", "weights"})

    name: str = Field(default=SMALL_RESIDUAL, pattern=_NAME, max_length=200)
    width: int = Field(default=8, ge=2, le=256)
    blocks: int = Field(default=5, ge=1, le=MOST_BLOCKS)
    stem: Literal["small", "original"] = "small"
    weights: PretrainedWeights | None = None
    heads: HeadKind = "light"
    cuts: tuple[Cut, ...] = Field(default=(), max_length=MOST_BLOCKS - 1)

    @model_validator(mode="after")
    def _check_weights(self) -> Self:
        if self.weights is None:
            return self
        if self.weights.freeze > self.blocks:
            raise ValueError(
                f"weights.freeze is {self.weights.freeze} and there are {self.blocks} blocks. "
                "Freeze at most all of them"
            )
        if self.weights.freeze == self.blocks and self.weights.rate != 1:
            raise ValueError("all blocks are frozen, so weights.rate does nothing. Remove it, or freeze fewer")
        if self.weights.zoo and not (self.torchvision_name or self.dilated_name or self.timm_name):
            raise ValueError(f'"{self.name}" has no published weights, so weights.zoo finds none. Name a file')
        return self

    @model_validator(mode="before")
    @classmethod
    def _count_blocks(cls, document: Any) -> Any:  # noqa: ANN401  # any decoded document
        """Say how many blocks there are where only their cuts are given."""
        if isinstance(document, dict) and isinstance(cuts := document.get("cuts"), list | tuple) and cuts:
            return {"blocks": len(cuts) + 1, **document}
        return document

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.reference:
            try:
                check_reference(self.reference)
            except CodeError as fault:
                raise ValueError(str(fault)) from None
        if self.args and not (self.reference or self.name.startswith(TIMM)):
            raise ValueError(f"{self.name} takes no args. Remove them")
        if self.cuts and not self.is_traced:
            raise ValueError(f"{self.name} has blocks of its own and takes no cuts. Remove them")
        if self.cuts and self.blocks != len(self.cuts) + 1:
            raise ValueError(
                f"{len(self.cuts)} cuts make {len(self.cuts) + 1} blocks, not {self.blocks}. Leave blocks out"
            )
        numbers = [cut for cut in self.cuts if isinstance(cut, int)]
        if numbers != sorted({*numbers}) or len({*self.cuts}) != len(self.cuts):
            raise ValueError("cuts should rise, and each be named once")
        return self

    @property
    def without_weights(self) -> "BackboneSpecification":
        """The same blocks with random weights, for what only needs their structure."""
        return self if self.weights is None else self.model_copy(update={"weights": None})

    @property
    def is_traced(self) -> bool:
        """Whether it is cut into blocks by tracing it."""
        return self.name != SMALL_RESIDUAL

    @property
    def small_builder(self) -> str:
        """The call that makes the blocks of ``small-residual``."""
        merged = "" if self.blocks == MOST_SMALL else f", blocks={self.blocks}"
        return f"small_residual(width={self.width}{merged})"

    @property
    def torchvision_name(self) -> str:
        """What torchvision calls it; empty for others."""
        return self.name.removeprefix(TORCHVISION) if self.name.startswith(TORCHVISION) else ""

    @property
    def timm_name(self) -> str:
        """What timm calls it; empty for others."""
        return self.name.removeprefix(TIMM) if self.name.startswith(TIMM) else ""

    @property
    def reference(self) -> str:
        """``MODULE:FUNCTION`` of its author; empty for others."""
        return self.name if ":" in self.name and not self.name.startswith((TORCHVISION, TIMM)) else ""

    @property
    def needs_permission(self) -> str:
        """What is only made where the owner of the machine says so; empty for others."""
        return self.reference or (self.name if self.timm_name else "")

    @property
    def shrinks_stem(self) -> bool:
        """Whether its first convolution is changed to keep the size of small pictures."""
        takes = self.is_traced and not self.reference and self.name != THIN_VGG
        return takes and self.stem == "small"

    @property
    def dilated_name(self) -> str:
        """What torchvision calls the network whose last stages are dilated; empty for others."""
        return self.name.removeprefix(DILATED) if self.name.startswith(DILATED) else ""

    @property
    def is_from_elsewhere(self) -> bool:
        """Whether its code is neither part of Branchwise nor of torchvision."""
        return bool(self.reference or self.timm_name)
