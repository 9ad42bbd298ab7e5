"""``branchwise export``: a study as one file."""

from pathlib import Path

import click

from app.command.output import json_option, say, write_json
from app.command.place import database, home_option
from core.errors import StudyError
from core.studies.archive import export_study, write_archive
from core.studies.bundled import bundled_studies, open_bundled
from core.studies.home import write_whole


@click.command()
@click.argument("study")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@home_option
@json_option
def export(study: str, file: Path, home: Path | None, as_json: bool) -> None:
    """Write STUDY with all its results to FILE.zip, which another machine can import."""
    stored = database(home)
    if study in bundled_studies() and all(line.name != study for line in stored.studies()):
        opened = open_bundled(study)
        content = write_archive(opened.record, opened.results)
    elif study not in (names := [line.name for line in stored.studies()]):
        known = ", ".join(dict.fromkeys([*names, *bundled_studies()]))[:400]
        raise StudyError(f'There is no study "{study[:60]}". Stored or bundled: {known}.')
    else:
        content = export_study(stored, study)
    write_whole(file.absolute(), content, shared=True)
    if as_json:
        write_json({"study": study, "file": str(file), "bytes": len(content)})
    else:
        say(f'Wrote study "{study}" to {file} ({len(content):,} bytes).')
