"""Arguments of a network, written in words."""

import pytest

from core.backbones.input_size import InputSize, Numbers, parse_inputs
from core.errors import BackboneError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3,224,224", InputSize((3, 224, 224))),
        (" 3, 8 , 8 ", InputSize((3, 8, 8))),
        ("128:int", InputSize((128,), numbers=Numbers.INT)),
        ("tokens=128:int:30522", InputSize((128,), "tokens", Numbers.INT, 30522)),
        ("mask=4,5:bool", InputSize((4, 5), "mask", Numbers.BOOL)),
        ("x=3:float", InputSize((3,), "x")),
        ("step=:int:1000", InputSize((), "step", Numbers.INT, 1000)),
    ],
)
def test_what_can_be_written(text: str, expected: InputSize) -> None:
    assert InputSize.parse(text) == expected


@pytest.mark.parametrize(
    "text", ["", "3,", "0,1", "3,2.5", "3,-8", "a", "x=", "1,2,3,4,5,6", "99999999", "٣", "3:int:5:6"]
)
def test_shapes_that_are_none(text: str) -> None:
    with pytest.raises(BackboneError, match="no input shape"):
        InputSize.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3:double", "kind"),
        ("3:int:0", "Only int has a limit"),
        ("3:bool:5", "Only int has a limit"),
        ("3:int:9999999999", "Only int has a limit"),
        ("1a=3", "name in Python"),
        ("class=3", "name in Python"),
        ("=3", "name in Python"),
        ("65536,65536", "up to 100,000,000"),
        (f"{'x' * 10_000}={'3,' * 10_000}", "no input shape"),
    ],
)
def test_what_cannot_be(text: str, message: str) -> None:
    with pytest.raises(BackboneError, match=message) as caught:
        InputSize.parse(text)
    assert len(str(caught.value)) < 400


def test_several_come_in_order_and_then_by_name() -> None:
    assert [each.name for each in parse_inputs(["3", "b=4", "a=5"])] == ["", "b", "a"]
    for wrong, message in ((["a=3", "a=4"], "twice"), (["a=3", "4"], "in order first")):
        with pytest.raises(BackboneError, match=message):
            parse_inputs(wrong)
