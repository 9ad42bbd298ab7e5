"""Import own code, and call it: only what the owner permitted, and only the state that the study was made with."""

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from core.errors import BranchwiseError, CodeError
from core.own_code.located import Located, located
from core.own_code.permission import permitted_roots

# Module → file and digest of its content when this process imported it.
_LOADED: Final[dict[str, tuple[Path, str]]] = {}


def called(reference: str, arguments: Mapping[str, Any], *, fingerprint: str = "") -> Any:  # noqa: ANN401
    """Return what ``MODULE:FUNCTION`` returns for some keyword arguments.

    Args:
        reference: As a study names it.
        arguments: Keyword arguments.
        fingerprint: State of the code that the study was made with; any where empty.

    Raises:
        CodeError: It is not permitted here, has changed, can't be imported, or fails.
    """
    return answered(reference, imported(reference, fingerprint=fingerprint), arguments)


def answered(reference: str, function: Any, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return what a function that was imported returns for some keyword arguments.

    Args:
        reference: Its name, for messages.
        function: What ``imported`` returned.
        arguments: Keyword arguments.

    Raises:
        CodeError: It fails.
    """
    try:
        return function(**arguments)
    except BranchwiseError:
        raise
    except (Exception, SystemExit) as error:
        raise CodeError(f"{reference[:80]} fails: {first_line(error)}. Check its args.") from error


def imported(reference: str, *, fingerprint: str = "") -> Any:  # noqa: ANN401
    """Return what ``MODULE:FUNCTION`` names.

    Args:
        reference: As a study names it.
        fingerprint: State of the code that the study was made with; any where empty.

    Raises:
        CodeError: It is not permitted here, has changed, can't be imported, or has no such name.
    """
    found = located(reference, permitted_roots(reference))
    if fingerprint and found.fingerprint != fingerprint:
        raise CodeError(changed_words(reference, fingerprint, found.fingerprint))
    module = _module(found)
    name = reference.partition(":")[2]
    value: Any = module
    for part in name.split("."):
        try:
            value = getattr(value, part)
        except AttributeError:
            raise CodeError(f'Module "{found.module[:80]}" has no "{name[:80]}". Check the spelling.') from None
    return value


def changed_words(reference: str, before: str, now: str) -> str:
    """Return that code has changed since a study was made."""
    states = f" ({before} then, {now} now)" if " " in before or " " in now else ""
    return (
        f"The code of {reference[:80]} has changed since the study was made{states}, so its results would not fit. "
        "Bring the old code back, or run the study file again: its networks are then trained anew."
    )


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, or its type."""
    if isinstance(error, SystemExit):
        return "it ends the process"
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")


def _module(found: Located) -> ModuleType:
    top = found.module.partition(".")[0]
    if found.root is not None and str(found.root) not in sys.path:
        sys.path.insert(0, str(found.root))
    if any(_LOADED.get(name, content) != content for name, content in found.contents.items()):
        # Modules hold on to what they imported, so all are imported anew.
        tops = {name.partition(".")[0] for name in _LOADED}
        for name in [name for name in sys.modules if name.partition(".")[0] in tops]:
            del sys.modules[name]
        _LOADED.clear()
    importlib.invalidate_caches()
    # Compiled files are known by second and size, which an edit may leave as they are; and the folder is its author's.
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        module = importlib.import_module(found.module)
    except ImportError as error:
        raise CodeError(f'Module "{found.module[:80]}" can\'t be imported: {first_line(error)}. Install it.') from error
    except (Exception, SystemExit) as error:  # a script that reads its own options ends the process
        raise CodeError(f'Module "{found.module[:80]}" fails while it is imported: {first_line(error)}.') from error
    finally:
        sys.dont_write_bytecode = writes
    file = getattr(module, "__file__", None)
    if found.file is not None and (file is None or not Path(file).samefile(found.file)):
        raise CodeError(
            f'A module called "{top[:80]}" is loaded already, from {str(file)[:200]}, and hides {found.file}. '
            "Give yours another name."
        )
    _LOADED.update(found.contents)
    return module
