"""``branchwise study``: what a study file may say."""

from dataclasses import asdict
from itertools import groupby

import click

from app.command.output import json_option, say, write_json
from core.errors import StudyError
from core.studies.study_keys import StudyKey, study_keys


@click.group()
def study() -> None:
    """Look up what a study file may say."""


@study.command()
@click.argument("section", default="")
@json_option
def keys(section: str, as_json: bool) -> None:
    """Print every key of a study file with what may be written, its default and its meaning.

    SECTION is one of them, such as training or dataset, or a key at the top of the file; all by
    default. Sections of installed families of networks are among them.
    """
    found = study_keys()
    wanted = section.strip("[]")
    if wanted:
        known = dict.fromkeys(key.section.partition(" ")[0] for key in found if key.section)
        top = [key for key in found if not key.section and key.key == wanted]
        found = [key for key in found if key.section.partition(" ")[0] == wanted] or top
        if not found:
            raise StudyError(f'"{section[:60]}" is no section of a study file. Choose from: {", ".join(known)}.')
    if as_json:
        write_json({"keys": [asdict(key) for key in found]})
        return
    for name, group in groupby(found, key=lambda key: key.section):
        say(f"[{name}]" if name else "At the top of the file")
        for key in group:
            say(f"  {key.key}: {_words(key)}\n      {key.meaning}")
        say()


def _words(key: StudyKey) -> str:
    if key.required:
        return f"{key.type}; required"
    return f"{key.type}; default {key.default}" if key.default else key.type
