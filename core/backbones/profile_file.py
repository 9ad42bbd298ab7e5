"""Backbone profiles as JSON, also from user files."""

import json
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.backbones.backbone import MAX_BLOCKS, Backbone, Block
from core.backbones.builder import Builder
from core.backbones.maker import Maker
from core.errors import BackboneError
from core.value_fault import fault_words, register, shown

MAX_BYTES = 2_000_000
_MAX_NAME = 200
_CUT = register(r"^[A-Za-z0-9_]{1,200}$", "the name of a node: letters, digits and _")
_Count = Annotated[int, Field(ge=0, lt=2**53)]
# Arguments of a function that is never called on reading.
_Whole = Annotated[int, Field(ge=-(10**300), le=10**300)]
_Number = Annotated[float, Field(ge=-1e300, le=1e300)]
_Size = Annotated[int, Field(ge=1, lt=2**31)]
_Shape = Annotated[tuple[_Size, ...], Field(max_length=6)]
_Name = Annotated[str, Field(max_length=2_000)]
_Text = Annotated[str, Field(max_length=200)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)


class _BlockPart(_Part):
    name: _Name
    params: _Count
    macs: _Count
    output_shape: _Shape = ()
    latency: Annotated[float, Field(ge=0, le=1e6)] | None = None


class _HeadPart(_Part):
    params: _Count = 0
    macs: _Count = 0


class _MakerPart(_Part):
    function: _Text
    arguments: Annotated[dict[_Text, _Whole | _Number | bool | str | None], Field(max_length=50)] = {}
    withheld: Annotated[tuple[_Text, ...], Field(max_length=50)] = ()
    part: _Text = ""
    head: _Text = "auto"
    inputs: Annotated[tuple[_Text, ...], Field(max_length=50)] = ()
    example: _Text = ""


class _Profile(_Part):
    name: _Name
    input_shape: _Shape = ()
    blocks: Annotated[tuple[_BlockPart, ...], Field(min_length=1, max_length=MAX_BLOCKS)]
    head: _HeadPart = _HeadPart()
    cuts: tuple[Annotated[str, Field(pattern=_CUT)], ...] = ()
    builder: Annotated[str, Field(max_length=300)] = ""
    made_by: _MakerPart | None = None
    source: _Name = ""


def profile_document(backbone: Backbone) -> dict[str, Any]:
    """Return a backbone as the values of its JSON: ``blocks``, ``head``, totals and where they come from."""
    blocks = []
    for block in backbone.blocks:
        part = {"name": block.name, "params": block.params, "macs": block.macs}
        part |= {"output_shape": list(block.output_shape)}
        blocks.append(part if block.latency is None else part | {"latency": block.latency})
    cuts = [block.cut for block in backbone.blocks]
    maker = backbone.maker
    made_by = {} if maker is None else {"made_by": asdict(maker) | {"arguments": dict(maker.arguments)}}
    return {
        "name": backbone.name,
        "input_shape": list(backbone.input_shape),
        "params": backbone.params,
        "macs": backbone.macs,
        "blocks": blocks,
        "head": {"params": backbone.head_params, "macs": backbone.head_macs},
        "cuts": cuts if all(cuts) else [],
        "builder": backbone.builder,
        "source": backbone.source,
        **made_by,
    }


def write_profile(backbone: Backbone) -> str:
    """Return a backbone as compact JSON, the output of ``branchwise backbone --json``.

    >>> write_profile(Backbone("tiny", (Block("stem", 10, 20, (4, 8, 8)),)))[:52]
    '{"name":"tiny","input_shape":[],"params":10,"macs":2'
    """
    return json.dumps(profile_document(backbone), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def read_profile(data: bytes | str) -> Backbone:
    """Return the backbone of a profile, from any source.

    Totals are recomputed, and unknown keys are ignored. Nothing that it names is imported.

    Args:
        data: JSON, at most 2 MB.

    Raises:
        BackboneError: It is too large, no JSON, or a value is missing or impossible; the
            message names the place.
    """
    size = len(data if isinstance(data, bytes) else data.encode(errors="replace"))
    if size > MAX_BYTES:
        raise BackboneError(f"The profile has {size / 1e6:.1f} MB. A profile has at most {MAX_BYTES / 1e6:.0f} MB.")
    try:
        found = _Profile.model_validate_json(data)
    except ValidationError as error:
        raise BackboneError(_sentence(error)) from None
    if found.cuts and len(found.cuts) != len(found.blocks):
        raise BackboneError(
            f"The profile has {len(found.blocks)} blocks but {len(found.cuts)} cuts. "
            "Give the node that ends each block, or leave cuts out."
        )
    cuts = found.cuts or ("",) * len(found.blocks)
    blocks = tuple(
        Block(_cleaned(b.name, f"block {i}"), b.params, b.macs, b.output_shape, b.latency, cut)
        for i, (b, cut) in enumerate(zip(found.blocks, cuts, strict=True))
    )
    return Backbone(
        name=_cleaned(found.name, "backbone"),
        blocks=blocks,
        input_shape=found.input_shape,
        source=_cleaned(found.source, ""),
        head_params=found.head.params,
        head_macs=found.head.macs,
        builder=str(Builder.parse(found.builder)) if found.builder else "",
        maker=None if found.made_by is None else _maker(found.made_by),
    )


def _maker(part: _MakerPart) -> Maker:
    return Maker(**(part.model_dump() | {"arguments": tuple(part.arguments.items())}))


def _cleaned(name: str, otherwise: str) -> str:
    # Names go into pages and pictures: no line breaks, no invisible or direction-changing marks.
    printable = "".join(c if c.isprintable() else " " for c in name)
    return " ".join(printable.split())[:_MAX_NAME] or otherwise


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        return f"The profile is no JSON: {first['ctx']['error']}. Write one with: branchwise backbone … --json."
    if not first["loc"]:
        return 'The profile should be one JSON object with "name" and "blocks".'
    where = ".".join(str(part) for part in first["loc"])
    found = "" if first["type"] == "missing" else f", found {shown(first['input'])}"
    return f'"{where[:120]}" of the profile {fault_words(first)}{found}. Compare with: branchwise backbone … --json.'
