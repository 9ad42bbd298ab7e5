"""How training pictures are changed at random, one kind of change after another."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from core.runs.frozen import Extended, as_tuple

Strength = Annotated[float, Field(ge=0.0, le=1.0)]
Some = Annotated[float, Field(gt=0.0, le=1.0)]


class Augmentation(Extended):
    """Base of the changes.

    Args:
        name: Which change.

    Class attributes:
        is_geometric: Whether it moves what is in the picture, so that maps to predict move alike.
    """

    is_geometric: ClassVar[bool] = False


class Flip(Augmentation):
    """Left becomes right, or with ``vertical-flip`` above below.

    Args:
        share: Of the pictures that are changed.
    """

    is_geometric: ClassVar[bool] = True

    name: Literal["flip", "vertical-flip"]
    share: Some = 0.5


class Crop(Augmentation):
    """A part of the picture, in its proportions, enlarged to the whole.

    Args:
        least: Least side of the part, as a share of the picture's; the largest is all of it.
    """

    is_geometric: ClassVar[bool] = True

    name: Literal["crop"]
    least: float = Field(default=0.7, ge=0.1, lt=1.0)


class Rotate(Augmentation):
    """A turn about the middle, either way; what comes from outside is grey, and missing in maps.

    Args:
        degrees: Most degrees.
    """

    is_geometric: ClassVar[bool] = True

    name: Literal["rotate"]
    degrees: float = Field(default=15.0, gt=0.0, le=180.0)


class Color(Augmentation):
    """Other brightness, contrast and saturation, each by a factor of 1 ± its strength.

    Args:
        brightness: Strength.
        contrast: Strength.
        saturation: Strength; at 1 pictures may become grey.
    """

    name: Literal["color"]
    brightness: Strength = 0.2
    contrast: Strength = 0.2
    saturation: Strength = 0.2

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not (self.brightness or self.contrast or self.saturation):
            raise ValueError("brightness, contrast and saturation are all 0, so color does nothing. Raise one")
        return self


class Noise(Augmentation):
    """Noise on every colour of every pixel.

    Args:
        deviation: Standard deviation, on a range of 0 to 1.
    """

    name: Literal["noise"]
    deviation: Some = 0.05


class Erase(Augmentation):
    """A grey square somewhere; maps stay as they are.

    Args:
        share: Of the pictures that are changed.
        most: Largest side of the square, as a share of the picture's shorter side.
    """

    name: Literal["erase"]
    share: Some = 0.5
    most: Some = 0.4


def _named(value: Any) -> Any:  # noqa: ANN401  # any decoded value
    return {"name": value} if isinstance(value, str) else value


Change = Annotated[
    Annotated[Flip | Crop | Rotate | Color | Noise | Erase, Field(discriminator="name")], BeforeValidator(_named)
]
Changes = Annotated[tuple[Change, ...], BeforeValidator(as_tuple), Field(max_length=7)]
KINDS: tuple[type[Augmentation], ...] = (Flip, Crop, Rotate, Color, Noise, Erase)
