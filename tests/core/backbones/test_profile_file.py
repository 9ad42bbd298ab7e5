"""Profiles as JSON: what is written is read back, and nothing else gets through."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.backbones import Backbone, Block, profile_document, read_profile, write_profile
from core.backbones.maker import Maker
from core.errors import BackboneError

COUNTS = st.integers(0, 2**50)
SHAPES = st.lists(st.integers(1, 4096), max_size=4).map(tuple)
NAMES = st.text(st.characters(categories=["L", "N"], include_characters="._-… "), min_size=1, max_size=30).map(
    lambda text: " ".join(text.split()) or "block"
)
TIMES = st.none() | st.floats(0, 1e3)


@st.composite
def backbones(draw: st.DrawFn) -> Backbone:
    """Give a random backbone, with cuts for all blocks or for none."""
    traced = draw(st.booleans())
    blocks = tuple(
        Block(draw(NAMES), draw(COUNTS), draw(COUNTS), draw(SHAPES), draw(TIMES), f"add_{i}" if traced else "")
        for i in range(draw(st.integers(1, 6)))
    )
    builder = draw(st.sampled_from(["", "torchvision.models.resnet18()", "small_residual(width=8)"]))
    maker = draw(
        st.none() | st.just(Maker("mine:net", (("width", 4), ("kind", "small")), ("path",), inputs=("3,8,8",)))
    )
    return Backbone(draw(NAMES), blocks, draw(SHAPES), "torch 2", draw(COUNTS), draw(COUNTS), builder, maker)


@settings(max_examples=100, deadline=None)
@given(backbones())
def test_reading_gives_back_what_was_written(backbone: Backbone) -> None:
    text = write_profile(backbone)
    assert read_profile(text) == backbone
    assert read_profile(text.encode()) == backbone


@settings(max_examples=100, deadline=None)
@given(backbones())
def test_totals_and_keys_are_those_of_the_command(backbone: Backbone) -> None:
    document = profile_document(backbone)
    assert document["params"] == sum(block["params"] for block in document["blocks"])
    assert document["macs"] == sum(block["macs"] for block in document["blocks"])
    assert {"name", "params", "macs", "output_shape"} <= set(document["blocks"][0])


def good() -> dict[str, object]:
    return {"name": "net", "blocks": [{"name": "stem", "params": 1, "macs": 2}]}


def test_the_least_profile_is_enough() -> None:
    assert read_profile(json.dumps(good())) == Backbone("net", (Block("stem", 1, 2),))


def block_with(**values: object) -> str:
    return json.dumps(good() | {"blocks": [{"name": "stem", "params": 1, "macs": 2} | values]})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "one JSON object"),
        ("7", "one JSON object"),
        ("{}", '"name" of the profile is missing'),
        (json.dumps(good() | {"blocks": []}), '"blocks" of the profile'),
        (json.dumps(good() | {"blocks": [good()]}), '"blocks.0.params" of the profile is missing'),
        (json.dumps(good() | {"blocks": good()["blocks"] * 201}), '"blocks" of the profile'),  # type: ignore[operator]
        (block_with(params=-1), '"blocks.0.params" of the profile should be 0 or more'),
        (block_with(params=1.5), "blocks.0.params"),
        (block_with(params=True), "blocks.0.params"),
        (block_with(params="12"), "blocks.0.params"),
        (block_with(macs=10**40), "blocks.0.macs"),
        (block_with(macs=math.nan), "blocks.0.macs"),
        (block_with(latency=math.inf), "blocks.0.latency"),
        (block_with(latency=-1.0), "blocks.0.latency"),
        (block_with(output_shape=[0]), "output_shape"),
        (block_with(output_shape=[1] * 99), "output_shape"),
        (json.dumps(good() | {"head": {"params": -5}}), "head.params"),
        (json.dumps(good() | {"cuts": ["a", "b"]}), "1 blocks but 2 cuts"),
        (json.dumps(good() | {"cuts": ['a"); evil("']}), "cuts.0"),
        (json.dumps(good() | {"builder": "__import__('os').getcwd()"}), "does not make a known network"),
        ('{"name":"' + "x" * 2_000_001 + '"}', r"2\.0 MB. A profile has at most 2 MB"),
    ],
)
def test_malformed_profiles_get_one_sentence(text: str | bytes, words: str) -> None:
    with pytest.raises(BackboneError, match=words) as caught:
        read_profile(text)
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)


@settings(max_examples=100, deadline=None)
@given(st.text() | st.binary() | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(json.dumps))
def test_anything_else_is_refused_and_never_breaks(data: str | bytes) -> None:
    with pytest.raises(BackboneError):
        read_profile(data)


def test_names_are_cleaned() -> None:
    found = read_profile(json.dumps({"name": " a\n\u202eb\x00 ", "blocks": [{"name": "\t", "params": 0, "macs": 0}]}))
    assert (found.name, found.blocks[0].name) == ("a b", "block 0")
