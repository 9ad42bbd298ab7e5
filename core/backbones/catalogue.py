"""The profiles that come with Branchwise, readable without torch."""

from functools import cache
from pathlib import Path

import core
from core.backbones.backbone import Backbone
from core.backbones.profile_file import read_profile
from core.errors import BackboneError

# ``assets`` is next to ``core``, in a checkout as well as in an installed package.
FOLDER = Path(core.__file__).parent.parent / "assets" / "backbones"


@cache
def bundled_backbones() -> tuple[str, ...]:
    """Return the names of the bundled profiles, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


@cache
def load_backbone(name: str) -> Backbone:
    """Return the bundled profile called ``name``.

    Raises:
        BackboneError: There is none of that name.

    >>> load_backbone("resnet18").n_blocks
    9
    """
    if name not in bundled_backbones():
        raise BackboneError(f'No profile is called "{name[:80]}". There are: {", ".join(bundled_backbones())}.')
    return read_profile((FOLDER / f"{name}.json").read_bytes())
