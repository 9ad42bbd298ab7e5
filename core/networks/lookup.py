"""What somebody names as ``MODULE:NAME``, such as a function, a class or its method."""

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from core.backbones.foreign_call import TIMM, check_own
from core.backbones.torchvision_functions import MODELS, is_known
from core.errors import BackboneError


def looked_up(reference: str) -> Any:  # noqa: ANN401
    """Return what ``MODULE:NAME`` or ``MODULE:Class.method`` stands for; modules of the current folder come first.

    Raises:
        BackboneError: It is written otherwise, its module can't be imported, or has no such name; or what it has
            is inside another module that it imports.
    """
    module_name, _, name = reference.partition(":")
    parts = name.split(".")
    if not all(part.isidentifier() for part in (*module_name.split("."), *parts)):
        path = Path(module_name)
        way = f" Run this in the folder of {path.name[:80]}, with {path.stem[:80]}:{name[:80] or 'FUNCTION'}."
        raise BackboneError(
            f'"{reference[:80]}" should be MODULE:FUNCTION, as in torchvision.models:resnet18.'
            + (way if path.suffix == ".py" else "")
        )
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        found = importlib.import_module(module_name)
    except ImportError as error:
        raise BackboneError(
            f'Module "{module_name[:80]}" can\'t be imported: {first_line(error)}. Run this in its folder.'
        ) from error
    except (Exception, SystemExit) as error:  # a script that reads its own options ends the process
        raise BackboneError(f'Module "{module_name[:80]}" fails while it is imported: {first_line(error)}.') from error
    where = f'Module "{module_name[:80]}"'
    for part in parts:
        try:
            found = getattr(found, part)
        except AttributeError:
            raise BackboneError(f'{where} has no "{part[:80]}". Check the spelling.') from None
        if isinstance(found, ModuleType):
            raise BackboneError(
                f'"{reference[:80]}" goes through the module {found.__name__[:80]}. Name that module before the colon.'
            )
        where = f'"{part[:80]}" of {module_name[:80]}'
    return found


def check_named(*references: str) -> None:
    """Check functions whose names come from somebody else, before they are called: they are their caller's own.

    A module of one's own may have imported a function that is not; that of torchvision's networks is no harm.

    Args:
        references: ``MODULE:FUNCTION`` of each; nothing is checked where empty.

    Raises:
        BackboneError: One is none, or is an installed package's.
    """
    for reference in filter(None, references):
        if is_known(reference.replace(":", ".")) or reference == TIMM:
            continue
        check_own(reference)
        module = str(getattr(looked_up(reference), "__module__", None) or reference.partition(":")[0])
        if not module.startswith(f"{MODELS}."):
            check_own(f"{module}:{reference.rpartition(':')[2]}")


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, or its type."""
    if isinstance(error, SystemExit):
        return "it ends the process"
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
