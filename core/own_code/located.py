"""Where own code lies and which state of it: found and read as text, never imported."""

import ast
import hashlib
import importlib.metadata
import importlib.util
import platform
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.errors import CodeError
from core.own_code.reference import check_reference

_MOST_FILES: Final = 2_000
_MOST_BYTES: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Located:
    """A module that was found.

    Args:
        module: Its name.
        root: Folder from which it is imported; None for an installed package.
        file: Of the module; None for an installed package.
        fingerprint: 64 hexadecimal digits of its content and of what it imports below ``root``; name and version of
            an installed package.
        contents: Of the module and of each that it imports from there: name → file and digest of its content.
    """

    module: str
    root: Path | None
    file: Path | None
    fingerprint: str
    contents: Mapping[str, tuple[Path, str]] = field(default_factory=dict)


def located(reference: str, roots: Sequence[Path]) -> Located:
    """Return where the module of ``MODULE:FUNCTION`` lies: in one of the folders, or among the installed packages.

    Args:
        reference: As a study names it.
        roots: Folders to look in, the first one first.

    Raises:
        CodeError: There is no such module, or one of its files can't be read.
    """
    module = check_reference(reference).partition(":")[0]
    for root in roots:
        if (file := _file_of(module, root)) is not None:
            contents = contents_of(module, root)
            return Located(module, root.resolve(), file, _fingerprint(contents), contents)
    return _installed(module, roots)


def contents_of(module: str, root: Path, *, within: str = "") -> dict[str, tuple[Path, str]]:
    """Return the files of a module and of the modules that it imports from the same folder, each in turn.

    Args:
        module: Its name.
        root: Folder from which it is imported.
        within: Only modules of this package are followed; all where empty.

    Returns:
        Name of the module → its file and the digest of its content; how lines end makes no difference.

    Raises:
        CodeError: A file can't be read or is no Python.
    """
    found: dict[str, tuple[Path, str]] = {}
    stack = [module]
    while stack:
        for name in _with_parents(stack.pop()):
            if name in found or (within and name.partition(".")[0] != within):
                continue
            if (file := _file_of(name, root)) is None:
                continue
            if len(found) >= _MOST_FILES:
                raise CodeError(f"{module} imports more than {_MOST_FILES:,} files of its own. Name a smaller module.")
            text = _text(file)
            found[name] = file, hashlib.sha256(text.replace(b"\r\n", b"\n")).hexdigest()
            stack.extend(_imported(name, file, text))
    return found


def _fingerprint(contents: Mapping[str, tuple[Path, str]]) -> str:
    found = hashlib.sha256(b"1\n")
    for name, (_, digest) in sorted(contents.items()):
        found.update(f"{name}\0{digest}\n".encode())
    return found.hexdigest()


def _file_of(module: str, root: Path) -> Path | None:
    """Return the file of a module below a folder; None where there is none, as for a package without ``__init__``."""
    place = root.joinpath(*module.split("."))
    for file in (place / "__init__.py", place.with_suffix(".py")):
        if file.is_file():
            return file.resolve()
    return None


def _with_parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[: n + 1]) for n in range(len(parts))]


def _text(file: Path) -> bytes:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise CodeError(f"{file} is larger than {_MOST_BYTES // 1_000_000} MB, so it is no code. Move it away.")
        return file.read_bytes()
    except OSError as fault:
        raise CodeError(f"{file} can't be read: {fault.strerror}. Check its rights.") from None


def _imported(module: str, file: Path, text: bytes) -> Iterator[str]:
    """Yield names of what a module imports anywhere; some are functions, and no modules."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        where = f", line {fault.lineno}" if isinstance(fault, SyntaxError) else ""
        raise CodeError(f"{file}{where} is no Python that can be read. Correct it.") from None
    package = module.split(".") if file.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            yield from filter(None, (base, *(f"{base}.{alias.name}".lstrip(".") for alias in node.names)))


def _installed(module: str, roots: Sequence[Path]) -> Located:
    top = module.partition(".")[0]
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError, AttributeError):
        spec = None
    places = [] if spec is None else [*(spec.submodule_search_locations or ()), *([spec.origin] if spec.origin else [])]
    folder = Path(places[0]).resolve().parent if places else None
    if folder is None:
        where = " or ".join(str(root)[:200] for root in dict.fromkeys(roots))
        raise CodeError(
            f'There is no module "{top[:80]}"{f" in {where}" if where else ""}, and no installed package of that name '
            f"on {platform.node()[:80] or 'this machine'}. Put it beside the study file, or install it there."
        )
    if not _is_site(folder):
        # Installed so that its files are edited where they lie: their content says which state it is.
        file = _file_of(module, folder)
        if file is None:
            raise CodeError(f'{folder} has no module "{module[:80]}". Check the spelling.')
        contents = contents_of(module, folder)
        return Located(module, folder, file, _fingerprint(contents), contents)
    names = importlib.metadata.packages_distributions().get(top, ())
    if not names:
        return Located(module, None, None, _fingerprint(contents_of(module, folder, within=top)))
    name = min(names)
    return Located(module, None, None, f"{name} {importlib.metadata.version(name)}")


def _is_site(folder: Path) -> bool:
    sites = (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))
    return any(folder == Path(site).resolve() for site in sites)
