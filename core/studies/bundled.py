"""The studies that come with Branchwise, measured by its own pipeline."""

import zipfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import core
from core.bounded_zip import DAMAGE
from core.errors import DamageError, StudyError, way_out
from core.studies import documents
from core.studies.archive import OpenedArchive, open_archive, read_archive
from core.studies.study import Study

if TYPE_CHECKING:
    from core.studies.database import Database

# ``assets`` is next to ``core``, in a checkout as well as in an installed package.
FOLDER = Path(core.__file__).parent.parent / "assets" / "studies"
TREES = FOLDER.parent / "trees"
# What the app opens first.
FIRST = "scenes"


def bundled_studies() -> tuple[str, ...]:
    """Return the names of the bundled studies, the one to open first at the front."""
    return _names_in(FOLDER)


def bundled_file(name: str) -> Path:
    """Return the study file that a bundled study was run from, named from here."""
    return _from_here(FOLDER / f"{name}.toml")


def keep_weights_command(name: str, command: str = "") -> str:
    """Return the command that trains a study and keeps its weights.

    Args:
        name: Of the study, from whose file it is trained.
        command: What trained it, where that is known: the file may be called otherwise.
    """
    file = bundled_file(name) if name in bundled_studies() else f"{name}.toml"
    known = command.startswith("branchwise run ") and "--keep-weights" not in command
    return f"{command if known else f'branchwise run {file}'} --keep-weights"


def bundled_tree(name: str) -> Path | None:
    """Return the folder that holds a bundled study's TreeDNN as files, named from here; None without one."""
    folder = TREES / name
    return _from_here(folder) if folder.is_dir() else None


def _from_here(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


@lru_cache(maxsize=4)
def _names_in(folder: Path) -> tuple[str, ...]:
    return tuple(sorted((path.stem for path in folder.glob("*.zip")), key=lambda name: (name != FIRST, name)))


def bundled_archive(name: str) -> Path:
    """Return the archive of a bundled study.

    Raises:
        StudyError: There is none of that name.
    """
    known = bundled_studies()
    if name not in known:
        raise StudyError(f'There is no bundled study "{name[:60]}". Choose from: {", ".join(known) or "none"}.')
    return FOLDER / f"{name}.zip"


def bundled_title(name: str) -> str:
    """Return the title of a bundled study, without reading its results.

    Raises:
        StudyError: There is none of that name, or its archive is damaged.
    """
    path = bundled_archive(name)
    try:
        with zipfile.ZipFile(path) as archive:
            document = documents.read_json(archive.read("study.json"), "study.json")
        return str(document["title"]) or name
    except (*DAMAGE, KeyError, DamageError) as fault:
        reason = str(fault).rstrip(".")
        raise StudyError(f"The bundled study {path.name} is damaged: {reason}. Install Branchwise again.") from None


def open_bundled(name: str) -> OpenedArchive:
    """Return the record and the results of a bundled study.

    Raises:
        StudyError: There is none of that name.
    """
    path = bundled_archive(name)
    with way_out("Install Branchwise again.", f"The bundled study {path.name}"):
        return open_archive(path)


def load_bundled(name: str) -> Study:
    """Return a bundled study.

    Raises:
        StudyError: There is none of that name.
    """
    path = bundled_archive(name)
    with way_out("Install Branchwise again.", f"The bundled study {path.name}"):
        return read_archive(path)


def stored_or_bundled(stored: "Database", name: str) -> Study:
    """Return a study of the database, or else a bundled one.

    Args:
        stored: The database, which is asked first: a bundled study that was run here has more results.
        name: Of the study.

    Raises:
        StudyError: There is neither, or what is stored is damaged.
    """
    if stored.has_study(name):
        return stored.study(name)
    if name in bundled_studies():
        return load_bundled(name)
    known = [*(line.name for line in stored.studies()), *bundled_studies()]
    raise StudyError(f'There is no study "{name[:60]}". Choose from: {", ".join(dict.fromkeys(known))[:400]}.')
