"""The files of one exported network: source, weights, membership of the splits, and the manifest that lists them."""

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

import core
from core.errors import StudyError
from core.regular_file import bounded_bytes
from core.studies.home import made, write_whole
from core.studies.manifest import FILE, MAX_BYTES, FileEntry, Manifest, read

SOURCE_FILE: Final = "network.py"
PREDICT_FILE: Final = "predict.py"
WEIGHTS_FILE: Final = "weights.safetensors"
_UNSAFE: Final = re.compile(r"[^a-z0-9]+")
_SHORT: Final = 40


def network_files(
    manifest: Manifest, source: str, weights: bytes, listing: bytes = b""
) -> tuple[Manifest, dict[str, bytes]]:
    """Return a manifest with its files, and name → content of all files, the manifest last.

    Args:
        manifest: Of the network, without files.
        source: Python file that makes it.
        weights: Safetensors file.
        listing: CSV of every picture with its split; empty where a rule says it.
    """
    contents = {SOURCE_FILE: source.encode(), WEIGHTS_FILE: weights}
    contents[PREDICT_FILE] = predict_text()
    files = [
        FileEntry.of(SOURCE_FILE, contents[SOURCE_FILE], "source"),
        FileEntry.of(PREDICT_FILE, contents[PREDICT_FILE], "predict"),
        FileEntry.of(WEIGHTS_FILE, weights, "weights", tensors=shapes_of(weights)),
    ]
    if listing:
        assert manifest.splits is not None
        contents[manifest.splits.file] = listing
        files.append(FileEntry.of(manifest.splits.file, listing, "splits"))
    manifest = manifest.model_copy(update={"files": tuple(files)})
    contents[FILE] = manifest.text().encode()
    return manifest, contents


def predict_text() -> bytes:
    """Return the program that answers pictures with the network in its folder; it is read as text, without torch."""
    return (Path(core.__file__).parent / "networks" / PREDICT_FILE).read_bytes()


def with_file(
    manifest: Manifest, files: Mapping[str, bytes], entry: FileEntry, content: bytes
) -> tuple[Manifest, dict[str, bytes]]:
    """Return a manifest and its files with one more file, the manifest last."""
    manifest = manifest.model_copy(update={"files": (*manifest.files, entry)})
    rest = {name: data for name, data in files.items() if name != FILE}
    return manifest, {**rest, entry.path: content, FILE: manifest.text().encode()}


def shapes_of(content: bytes) -> dict[str, tuple[int, ...]]:
    """Return name → shape of the tensors in a safetensors file that was written here."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    return {name: tuple(entry["shape"]) for name, entry in header.items() if name != "__metadata__"}


def file_name(kind: str, name: str, taken: Collection[str]) -> str:
    """Return a file name for something that has a name: safe on any disk, and none of ``taken``.

    >>> file_name("branch", "Low digits (0–4)", ())
    'branch-low-digits-0-4.safetensors'
    >>> file_name("branch", "low digits 0 4", {"branch-low-digits-0-4.safetensors"})
    'branch-low-digits-0-4-2.safetensors'
    """
    stem = _UNSAFE.sub("-", name.lower()).strip("-")[:_SHORT] or "task"
    found, number = f"{kind}-{stem}.safetensors", 2
    while found in taken:
        found, number = f"{kind}-{stem}-{number}.safetensors", number + 1
    return found


def replace_files(folder: Path, files: Mapping[str, bytes], former: Collection[str] = ()) -> None:
    """Write the files of a deployed network, the manifest last; one that was there before is replaced.

    Args:
        folder: Target folder; created if it is missing.
        files: Name → content, the manifest among them.
        former: Names of the files of the network that was there before.

    Raises:
        StudyError: The folder can't be written to, or the disk is full.
    """
    made(folder, shared=True)
    # First: a folder whose removal is interrupted must not look like a complete network.
    (folder / FILE).unlink(missing_ok=True)
    for name, content in files.items():
        if name != FILE:
            write_whole(folder / name, content, shared=True)
    # Last: only a folder with a manifest is a deployed network, so an interrupted one is never opened.
    write_whole(folder / FILE, files[FILE], shared=True)
    for name in {*former} - {*files}:
        (folder / name).unlink(missing_ok=True)


def files_in(folder: Path) -> set[str]:
    """Return the names of the files that the manifest in a folder lists; none where there is no manifest.

    Raises:
        StudyError: It is none that Branchwise wrote.
    """
    path = folder / FILE
    if not path.exists():
        return set()
    try:
        return {file.path for file in read(bounded_bytes(path, MAX_BYTES), str(path)).files}
    except (OSError, StudyError):
        raise StudyError(f"{path} is no manifest that Branchwise wrote. Choose another folder, or remove it.") from None


def family_in(folder: Path) -> str:
    """Return the family that the manifest in a folder names; empty where there is none that says it."""
    try:
        return read(bounded_bytes(folder / FILE, MAX_BYTES)).family
    except (OSError, StudyError):
        return ""
