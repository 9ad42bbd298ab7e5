"""Where the paper's two networks can have exits: traced once and recorded, so that pages trace nothing."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

import core
from core.errors import BackboneError
from core.families.multipath.exits import PRESETS, Exit
from core.families.multipath.payload import ExitRecord

# ``assets`` is next to ``core``, in a checkout as well as in an installed package.
FILE: Final = Path(core.__file__).parent.parent / "assets" / "exits.json"
# Every end of a block and every first convolution within one; the paper's exits are among them, under its names.
PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "resnet18": (
        "maxpool",
        *(
            name
            for stage in range(1, 5)
            for place in range(2)
            for name in (
                f"layer{stage}.{place}.conv1",
                f"layer{stage}" if place and stage > 2 else f"layer{stage}.{place}",
            )
        ),
    ),
    "mobilenet_v2": tuple(f"features.{place}" for place in range(18)),
}
_ADAPTER: Final = TypeAdapter(dict[str, tuple[ExitRecord, ...]])


def recorded_exits(preset: str) -> tuple[ExitRecord, ...]:
    """Return all places where a network of the paper can have exits, from the input; the last one is its end.

    Args:
        preset: One of ``PRESETS``.

    Raises:
        BackboneError: The recorded file is damaged.
    """
    return _recorded()[PRESETS[preset].backbone]


@cache
def _recorded() -> dict[str, tuple[ExitRecord, ...]]:
    try:
        return _ADAPTER.validate_python(json.loads(FILE.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        raise BackboneError(f"{FILE.name} is damaged. Install Branchwise again.") from None


def recorded_document(found: Mapping[str, Sequence[Exit]]) -> dict[str, Any]:
    """Return exits as the recorded file has them.

    Args:
        found: Name of a torchvision network → its exits, from the input.
    """
    return {name: [ExitRecord.of(each).model_dump(mode="json") for each in exits] for name, exits in found.items()}
