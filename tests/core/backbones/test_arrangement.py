import pytest

from core.backbones.arrangement import Arrangement, arrangement
from core.errors import BackboneError


@pytest.mark.parametrize(
    ("shape", "size", "expected"),
    [
        ((512, 7, 7), (224, 224), (512, Arrangement.FIRST)),
        ((7, 7, 768), (224, 224), (768, Arrangement.LAST)),
        ((4, 4, 4), (32, 32), (4, Arrangement.FIRST)),
        # As many channels as rows, and pictures twice as wide as high.
        ((8, 8, 16), (64, 128), (8, Arrangement.FIRST)),
        ((197, 768), (224, 224), (768, Arrangement.TOKENS)),
        ((64,), (32, 32), (64, Arrangement.VECTOR)),
    ],
)
def test_channels_are_found(shape, size, expected):
    assert arrangement(shape, size) == expected


def test_other_shapes_are_refused():
    with pytest.raises(BackboneError, match="one to three dimensions"):
        arrangement((1, 2, 3, 4), (32, 32))
