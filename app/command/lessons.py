"""``branchwise lessons``: the lessons as HTML files for any web space or a stick."""

from pathlib import Path

import click

from app.command.new_folder import NewFolder
from app.command.output import json_option, say, write_json
from core.errors import StudyError
from core.studies.home import made, write_whole


@click.command()
@click.argument("folder", type=NewFolder())
@click.option("--force", is_flag=True, help="Replace lessons in the folder, and leave other files of it as they are.")
@json_option
def lessons(folder: Path, force: bool, as_json: bool) -> None:
    """Write the lessons to FOLDER as HTML files that open offline: index.html, a page per lesson, notes for teachers.

    Figures in them still move, and answers wait for a guess. They load nothing from anywhere: put them on any web
    space, or open them from a stick.
    """
    check_folder(folder, force=force)
    files = _files()
    check_names(folder, files)
    for name, content in files.items():
        write_whole(made(folder, shared=True) / name, content, shared=True)
    if as_json:
        sizes = [{"path": name, "bytes": len(content)} for name, content in files.items()]
        write_json({"folder": str(folder), "files": sizes})
    else:
        total = sum(map(len, files.values()))
        say(f"Wrote {len(files)} files to {folder} ({total / 1e6:.1f} MB). Open {folder / 'index.html'}.")


def check_folder(folder: Path, *, force: bool) -> None:
    """Check that lessons may be written to a folder: it is new or empty, or may be written to all the same.

    Raises:
        StudyError: It holds something, or its name can't be used.
    """
    try:
        if folder.is_symlink() and not folder.exists():
            raise StudyError(f"{folder} is a link to nothing. Choose another name.")
        holds = next(iter(sorted(folder.iterdir())), None) if folder.exists() else None
    except OSError as fault:
        raise StudyError(f"{str(folder)[:80]} can't be used: {fault.strerror}. Choose another folder.") from None
    if holds is not None and not force:
        raise StudyError(
            f"{folder} is not empty: it holds {holds.name[:60]}. Choose another folder, or write to it with --force."
        )


def check_names(folder: Path, files: dict[str, bytes]) -> None:
    """Check that no file to be written would replace a folder or a link.

    Raises:
        StudyError: One would.
    """
    for name in files:
        there = folder / name
        if there.is_symlink() or (there.exists() and not there.is_file()):
            raise StudyError(f"{there} is no regular file, and a lesson would replace it. Choose another folder.")


def _files() -> dict[str, bytes]:
    # Imported here: they take longer than it takes to refuse a folder.
    from streamlit.logger import set_log_level

    # It says that no server is running; nobody expects one.
    set_log_level("ERROR")
    from app.lessons.catalogue import lessons as all_lessons
    from app.lessons.static_page import INDEX, file_name, index_html, lesson_html, notes_markdown, notes_name

    found = all_lessons()
    files = {INDEX: index_html(found)}
    for each in found:
        files[file_name(each)] = lesson_html(each, found)
        files[notes_name(each)] = notes_markdown(each)
    return {name: text.encode() for name, text in files.items()}
