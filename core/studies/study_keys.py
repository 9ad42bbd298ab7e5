"""Every key of a study file with its type, default and meaning, read off the models."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from core.runs.augmentation import KINDS
from core.runs.pretrained import PretrainedWeights
from core.studies.dataset_specification import OneDataset
from core.studies.family import families
from core.studies.several_specification import SetSpecification, SeveralSpecification
from core.studies.specification import BackboneSpecification, StudySpecification, TrainingSettings

_ARGS: Final = re.compile(r"^ *Args:\n(.*?)(?=^ *\w[\w ]*:\n|\Z)", re.MULTILINE | re.DOTALL)
_ARG: Final = re.compile(r"^ {4,8}(\w+): (.*?)(?=^ {4,8}\w+: |\Z)", re.MULTILINE | re.DOTALL)
# Filled in by the program when it reads the data, and how sections are gathered: no keys of a file.
_NOT_WRITTEN: Final = frozenset({"code", "fingerprint", "requests"})
_WORDS: Final[Mapping[type, str]] = {int: "whole number", float: "number", str: "text", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class StudyKey:
    """One key of a study file.

    Args:
        section: Where it stands, as in ``[training]``; empty for the top of the file.
        key: Its name.
        type: What may be written.
        default: What counts where it is left out, as written in a file; empty where it must be given or nothing counts.
        required: Whether it must be given.
        meaning: One sentence.
    """

    section: str
    key: str
    type: str
    default: str
    required: bool
    meaning: str


def study_keys() -> list[StudyKey]:
    """Return every key of a study file: those of every data set, and those of every installed family."""
    found = list(_keys("", StudySpecification))
    found += _keys("backbone", BackboneSpecification)
    found += _keys("backbone.weights", PretrainedWeights)
    found += _keys("training", TrainingSettings)
    for change in KINDS:
        called = " or ".join(f'"{name}"' for name in get_args(change.model_fields["name"].annotation))
        found += _keys(f"training.augment (name = {called})", change)
    for family in families():
        for section, request in family.sections.items():
            found += _keys(section, request)
            for name, entries in _nested(request):
                found += _keys(f"{section}.{name}", entries)
    for dataset in (*get_args(OneDataset), SeveralSpecification):
        names = get_args(dataset.model_fields["name"].annotation)
        found += _keys(f"dataset (name = {' or '.join(f'{name!r}' for name in names)})".replace("'", '"'), dataset)
    found += _keys("dataset.sets", SetSpecification)
    return found


def _keys(section: str, model: type[BaseModel]) -> Iterator[StudyKey]:
    meanings = _meanings(model)
    for name, field in model.model_fields.items():
        if name not in _NOT_WRITTEN:
            yield StudyKey(
                section, name, _type_words(field.annotation, field), _default(field), field.is_required(),
                field.description or meanings.get(name, ""),
            )  # fmt: skip


def _nested(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """Return the fields of a model that are lists of tables, and what each table may hold."""
    for name, field in model.model_fields.items():
        for part in get_args(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield name, part


def _meanings(model: type[BaseModel]) -> dict[str, str]:
    """Return field → sentence of the docstrings of a model and its bases."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        block = _ARGS.search(each.__doc__ or "") if issubclass(each, BaseModel) else None
        if block:
            found |= {name: " ".join(text.split()).replace("``", '"') for name, text in _ARG.findall(block[1])}
    return found


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return ""
    value = field.get_default(call_default_factory=True)
    if value is None or isinstance(value, BaseModel) or value == {}:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(list(value) if isinstance(value, tuple) else value)


def _type_words(annotation: Any, field: FieldInfo | None = None) -> str:  # noqa: ANN401  # any annotation
    """Return what may be written, in words, with its bounds."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _type_words(get_args(annotation)[0])
    if origin is Literal:
        return " or ".join(f'"{value}"' for value in get_args(annotation))
    if origin in (Union, UnionType):
        parts = dict.fromkeys(_type_words(part) for part in get_args(annotation) if part is not NoneType)
        return " or ".join(parts) + ("" if field is None else _bounds(field))
    if origin in (tuple, list):
        return "list"
    if origin is dict or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return "table"
    words = _WORDS.get(annotation, "text")
    return words + ("" if field is None else _bounds(field))


def _bounds(field: FieldInfo) -> str:
    parts = []
    for entry in field.metadata:
        for name, words in (("ge", "from {}"), ("gt", "above {}"), ("le", "to {}"), ("lt", "below {}")):
            if (bound := getattr(entry, name, None)) is not None:
                parts.append(words.format(f"{bound:,}" if isinstance(bound, int) else f"{bound:g}"))
    return f", {' '.join(parts)}" if parts else ""
