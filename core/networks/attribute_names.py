"""Under which names a block holds the modules and weights of a network.

They are the network's own, so that saved weights say where they come from. A name that Python
source can't hold, or that every block has already, gets underscores.
"""

import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from torch import fx, nn

# The mode of a block is read under this name, which no weight can have.
_MODE: Final = "training"
_TAKEN: Final = frozenset(dir(fx.GraphModule(nn.Module(), fx.Graph()))) - {_MODE}


def block_paths(model: nn.Module, targets: Iterable[str]) -> dict[str, str]:
    """Return the path in a block for each path in a network; most stay as they are.

    Args:
        model: The network.
        targets: Paths of modules, weights or constants.

    >>> block_paths(nn.ModuleDict({"in": nn.ReLU(), "out": nn.ReLU()}), ["in", "out"])
    {'in': 'in_', 'out': 'out'}
    """
    return {target: _path(model, target) for target in targets}


def _path(model: nn.Module, target: str) -> str:
    names: list[str] = []
    box: nn.Module | None = model
    for part in target.split("."):
        own = _own_names(box) if box is not None else {}
        names.append(own.get(part, part))
        box = box._modules.get(part) if box is not None else None
    return ".".join(names)


def _own_names(box: nn.Module) -> Mapping[str, str]:
    """Return the new names of what a module holds directly, for those that need one."""
    held = [*box._modules, *box._parameters, *box._buffers]
    used, found = {name for name in held if _fits(name)}, {}
    for name in held:
        if not _fits(name):
            # Without underscores in front, what is added behind makes any name fit.
            new = f"{re.sub(r'[^A-Za-z0-9_]', '_', name).lstrip('_') or 'name'}_"
            while new in used or not _fits(new):
                new += "_"
            found[name] = new
            used.add(new)
    return found


def _fits(name: str) -> bool:
    """Return whether the source of a block finds an attribute of this name, and no other one."""
    if name in _TAKEN or keyword.iskeyword(name):
        return False
    if name.isidentifier():
        # Python reads letters such as µ as others; and names of two underscores belong to a class.
        return unicodedata.normalize("NFKC", name) == name and not name.startswith("__")
    return name.isprintable() and not set(name) & {'"', "\\"}
