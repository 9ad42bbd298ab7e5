"""A study as the TOML file that ``branchwise run`` takes."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from core.errors import StudyError
from core.studies.dataset_specification import SeveralSpecification
from core.studies.specification import StudySpecification

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def write_study(specification: StudySpecification) -> str:
    """Give the file that asks for a study; what is as by default is left out.

    Args:
        specification: The study.

    Raises:
        StudyError: It asks for no two-task table, which no study file can say.

    >>> from core.studies.specification import parse_study
    >>> asked = parse_study('name = "mine"\\ntasks = ["depth", "edges"]\\n[training]\\nepochs = 3')
    >>> print(write_study(asked))
    name = "mine"
    tasks = ["depth", "edges"]
    <BLANKLINE>
    [dataset]
    name = "scenes"
    <BLANKLINE>
    [training]
    epochs = 3
    <BLANKLINE>
    [table]
    seeds = [0, 1, 2]
    <BLANKLINE>
    """
    if specification.table is None and specification.treednn is None:
        raise StudyError(f'"{specification.name}" asks for no two-task table, and a study file always does. Export it.')
    document = specification.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    # Said although they are defaults: who reads the file should not have to look them up.
    document["dataset"] = {"name": specification.dataset.name, **document.get("dataset", {})}
    for name in ("table", "oracle"):
        if (request := getattr(specification, name)) is not None:
            document[name] = request.model_dump(mode="json")
    if isinstance(specification.dataset, SeveralSpecification):
        # These name the tasks; and what a set is called has to be said in each.
        del document["tasks"]
        for entry, each in zip(document["dataset"]["sets"], specification.dataset.sets, strict=True):
            entry["dataset"] = {"name": each.dataset.name, **entry["dataset"]}
    if specification.treednn is not None:
        document["treednn"] = {"seeds": list(specification.treednn.seeds), **document["treednn"]}
    return "\n".join(_lines({key: document[key] for key in StudySpecification.model_fields if key in document}))


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{key} = {_value(value)}" for key, value in document.items() if not isinstance(value, dict))
    for key, value in document.items():
        if isinstance(value, dict):
            plain = {name: entry for name, entry in value.items() if not _are_tables(entry)}
            yield from ("", f"[{key}]", *(f"{name} = {_value(entry)}" for name, entry in plain.items()))
            for name in value.keys() - plain.keys():
                for table in value[name]:
                    yield from (
                        "",
                        f"[[{key}.{name}]]",
                        *(f"{_key(one)} = {_value(each)}" for one, each in table.items()),
                    )
    yield ""


def _are_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)


def _key(name: str) -> str:
    # Names of branches may hold spaces and umlauts, which a bare key may not.
    return name if _BARE.fullmatch(name) else _value(name)


def _value(value: object) -> str:
    if isinstance(value, dict):
        return (
            f"{{ {', '.join(f'{_key(name)} = {_value(entry)}' for name, entry in value.items())} }}" if value else "{}"
        )
    # JSON's strings, numbers, booleans and lists are TOML's, but for one character that JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
