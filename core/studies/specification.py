"""What a study is about and what is requested of it, validated before anything is written."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import (
    Field,
    SerializationInfo,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails

from core.errors import BranchwiseError, StudyError, printable
from core.regular_file import bounded_bytes
from core.runs.frozen import Frozen
from core.runs.settings import BackboneSpecification as BackboneSpecification
from core.runs.settings import TrainingSettings as TrainingSettings
from core.studies.chosen_metrics import ChosenMetrics, metrics_fault
from core.studies.dataset_specification import ScenesSpecification as ScenesSpecification
from core.studies.family import Family, families, sections
from core.studies.fields import Names
from core.studies.several_specification import DatasetSpecification as DatasetSpecification
from core.studies.several_specification import SeveralSpecification
from core.studies.training_fault import training_fault
from core.tasks import check_task_names
from core.toml_text import TomlError, parse_toml, read_toml
from core.value_fault import fault_words, register, shown

NAME_PATTERN = register(
    r"^[a-z0-9][a-z0-9_-]{0,40}$",
    "1 to 41 lower-case letters, digits, - and _, the first a letter or digit",
)
MAX_STUDY_FILE = 1_000_000
# Beyond this a study would train for months; it also bounds the work that a hostile study file can cause.
MAX_RUNS = 20_000
# How pydantic calls the forms of a value that may have several, as in literal['all']; no keys of a file.
_FORMS = ("literal", "function-before", "function-after", "tuple", "list", "dict")

_R = TypeVar("_R", bound=Frozen)


class StudySpecification(Frozen):
    """A study: data set, tasks, backbone, training, and what is requested of each family of networks.

    In a file every request is a separate section, such as ``[table]``; the families say which
    sections there are. ``StudySpecification(name=…, tasks=…, table=TableRequest())`` takes them the
    same way.

    Args:
        name: Short name, as in files and links.
        title: Its title on pages.
        description: One or two sentences.
        dataset: Which data set, or several.
        tasks: Names in index order.
        backbone: Which backbone.
        training: How every network is trained.
        metrics: Task → names of the metrics it is judged by; all that its kind has where left out. Not part of a
            run's key: runs measure all of them.
        requests: Section → request.
    """

    name: str = Field(pattern=NAME_PATTERN)
    title: str = Field(default="", max_length=120)
    description: str = Field(default="", max_length=2000)
    dataset: DatasetSpecification = ScenesSpecification()
    tasks: Names
    backbone: BackboneSpecification = BackboneSpecification()
    training: TrainingSettings = TrainingSettings()
    metrics: ChosenMetrics = Field(default_factory=dict)
    requests: dict[str, SerializeAsAny[Frozen]] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, document: Any) -> Any:  # noqa: ANN401  # any decoded document
        """Gather sections of families into ``requests``; several data sets name the tasks."""
        if not isinstance(document, dict):
            return document
        document = dict(document)
        names = _set_names(document.get("dataset"))
        if names is not None:
            document.setdefault("tasks", names)
        gathered = _gathered(document.pop("requests", {}))
        requested = {*gathered, *(section for section in sections() if document.get(section) not in (None, False))}
        found: dict[str, Frozen | None] = {**default_sections(requested, several=names is not None), **gathered}
        for section, request in sections().items():
            if section in document:
                value = document.pop(section)
                # A file says "table = false", a document of a study null.
                found[section] = None if value is None or value is False else _validated(section, request, value)
        # In one order, in whatever order they were given.
        document["requests"] = {name: found[name] for name in sections() if found.get(name) is not None}
        return document

    @model_serializer(mode="wrap")
    def _flatten(self, handler: SerializerFunctionWrapHandler, info: SerializationInfo) -> dict[str, Any]:
        """Write every request as a separate section; null for a usual one that is not requested."""
        document: dict[str, Any] = handler(self)
        found: dict[str, Any] = document.pop("requests", {})
        if not self.metrics:
            # Versions before there was the key read the document, too.
            document.pop("metrics", None)
        usual = {} if info.exclude_none or info.exclude else default_sections(self.requests, several=self.has_several)
        return {**document, **dict.fromkeys(usual), **found}

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            check_task_names(self.tasks)
        except BranchwiseError as fault:
            raise ValueError(str(fault)) from None
        if wrong := self._fault():
            raise ValueError(wrong)
        if (n_runs := sum(family.count(self) for family in families())) > MAX_RUNS:
            raise ValueError(
                f"the study requests {n_runs:,} trainings, more than the {MAX_RUNS:,} allowed. "
                "Use fewer seeds, tasks or blocks, or list the oracle's layouts"
            )
        return self

    def _fault(self) -> str | None:
        requested = [family for family in families() if self.requests.keys() & family.sections.keys()]
        for family in requested:
            if not family.takes(several=self.has_several):
                return _misplaced(family, self)
        if self.has_several:
            names = tuple(each.name for each in self._several.sets)
            if self.tasks != names:
                return f'the tasks are not those of the data sets. Leave "tasks" out, or write {", ".join(names)}'
            if not requested:
                possible = [f"[{name}]" for family in families() if family.several for name in family.sections]
                return f"several data sets are requested, but nothing to train on them. Add {' or '.join(possible)}"
        faults = (family.fault(self) for family in families())
        own = training_fault(self.training, self.tasks) or metrics_fault(self.metrics, self.tasks)
        return own or next(filter(None, faults), None)

    @property
    def has_several(self) -> bool:
        """Whether every task has its own data set."""
        return isinstance(self.dataset, SeveralSpecification)

    @property
    def _several(self) -> SeveralSpecification:
        assert isinstance(self.dataset, SeveralSpecification)
        return self.dataset

    def requested(self, kind: type[_R]) -> _R | None:
        """Return what is requested of a kind; None where nothing is."""
        return next((request for request in self.requests.values() if isinstance(request, kind)), None)

    def with_request(self, request: Frozen) -> "StudySpecification":
        """Return the study with a request in place of the one of its kind.

        Raises:
            StudyError: The request does not fit the study, or there would be too many runs.
        """
        section = next(name for name, kind in sections().items() if isinstance(request, kind))
        document = {name: getattr(self, name) for name in type(self).model_fields}
        document["requests"] = {**self.requests, section: request}
        return study_from_document(document, f'Study "{self.name}"')

    @cached_property
    def derived(self) -> dict[Any, Any]:
        """What families derive from this study and keep, such as runs whose keys are hashed once."""
        return {}


def _set_names(dataset: object) -> list[str] | None:
    """Return the names of several data sets; None where there is one."""
    if isinstance(dataset, SeveralSpecification):
        return [each.name for each in dataset.sets]
    if isinstance(dataset, dict) and dataset.get("name") == "several":
        sets = dataset.get("sets")
        return [str(each.get("name")) for each in sets if isinstance(each, dict)] if isinstance(sets, list) else []
    return None


def default_sections(requested: Collection[str], *, several: bool) -> Mapping[str, Frozen]:
    """Return the sections that a study has although it does not name them."""
    if several or any(family.stands_alone and family.sections.keys() & {*requested} for family in families()):
        return {}
    return {section: request for family in families() for section, request in family.defaults.items()}


def _gathered(requests: object) -> dict[str, Frozen]:
    """Return requests that the program gathered itself; a file writes each as a separate section."""
    if isinstance(requests, dict) and all(
        name in sections() and isinstance(request, sections()[name]) for name, request in requests.items()
    ):
        return requests
    fault = InitErrorDetails(type="extra_forbidden", loc=("requests",), input=requests)
    raise ValidationError.from_exception_data("requests", [fault])


def _validated(section: str, request: type[Frozen], value: object) -> Frozen:
    try:
        return request.model_validate(value)
    except ValidationError as fault:
        # Faults of a section are reported with their line in the whole file.
        found = [
            InitErrorDetails(
                type=error["type"] if "ctx" not in error or "error" not in error["ctx"] else "value_error",
                loc=(section, *error["loc"]),
                input=error["input"],
                ctx=error.get("ctx", {}),
            )
            for error in fault.errors(include_url=False)
        ]
        raise ValidationError.from_exception_data(section, found) from None


def _misplaced(family: Family, study: StudySpecification) -> str:
    names = " and ".join(f"[{name}]" for name in family.sections if name in study.requests)
    if not study.has_several:
        return f'{names} needs several data sets. Name the data set "several" and list its sets'
    return f"tasks with separate pictures can't be trained together, so they have no {names}. Remove it"


def read_study(path: Path) -> StudySpecification:
    """Return the study that a TOML file requests.

    Raises:
        StudyError: The file is missing, too large, no TOML, or has an unknown key or a bad value.
    """
    try:
        data = bounded_bytes(path, MAX_STUDY_FILE)
        if len(data) > MAX_STUDY_FILE:
            raise StudyError(f"{path.name} is larger than 1 MB, so it is no study file.")
        document = read_toml(data)
    except OSError as fault:
        raise StudyError(f"{path} can't be read: {fault.strerror}. Check the path.") from None
    except TomlError as fault:
        raise StudyError(f"{path.name} {fault}.") from None
    return study_from_document(document, path.name)


def parse_study(text: str, filename: str = "study.toml") -> StudySpecification:
    """Return the study described by TOML text.

    Raises:
        StudyError: No TOML, an unknown key, or a bad value; the message names the key.
    """
    try:
        document = parse_toml(text)
    except TomlError as fault:
        raise StudyError(f"{filename} {fault}.") from None
    return study_from_document(document, filename)


def study_from_document(document: Any, filename: str) -> StudySpecification:  # noqa: ANN401  # any decoded document
    """Return the study of a decoded TOML or JSON document.

    Raises:
        StudyError: An unknown key or a bad value; the message names the key.
    """
    try:
        return StudySpecification.model_validate(document)
    except ValidationError as fault:
        sentence = " ".join(f"{filename}: {_first_sentence(fault, document)}".split())
        # Faults that families find quote the file as it is.
        raise StudyError(printable(sentence)) from None


def _first_sentence(fault: ValidationError, document: object) -> str:
    same = _of_one_value(fault.errors())
    error = same[0]
    where = printable(".".join(_place(error["loc"], document)), 120)
    if error["type"] == "union_tag_invalid":
        return f'"{where}.name" is {str(error["ctx"]["tag"])[:60]!r}: choose from {error["ctx"]["expected_tags"]}.'
    if error["type"] == "extra_forbidden":
        return f'"{where}" is not a key of a study. Remove it or check its spelling.'
    if error["type"] == "missing":
        return f'"{where}" is missing. Add it.'
    message = " or ".join([fault_words(error), *(fault_words(each).removeprefix("should be ") for each in same[1:])])
    if not where:
        return f"{message}."
    if isinstance(error.get("input"), Mapping):
        # The section as a whole; its place says enough.
        return f'"{where}": {message}.'
    it = "it " if message.startswith(("should", "has ", "is ")) else ""
    return f'"{where}" is {shown(error.get("input"))}: {it}{message}.'


def _of_one_value(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Return what is wrong with the first bad value: one fault for each form it may have, or the one deepest inside."""
    first = errors[0]["loc"]
    form = next((place for place, key in enumerate(first) if _is_form(key)), None)
    if form is None:
        return errors[:1]
    same = [each for each in errors if each["loc"][:form] == first[:form]]
    deepest = max(same, key=lambda each: len(each["loc"]))
    return [deepest] if len(deepest["loc"]) > len(first) else same


def _is_form(key: int | str) -> bool:
    """Return whether a part of a place is what pydantic calls one of the forms that a value may have."""
    return isinstance(key, str) and key.endswith("]") and key.partition("[")[0] in _FORMS


def _place(loc: Sequence[int | str], document: object) -> list[str]:
    """Return where a fault is; which kind of data set or method was read is no key of the file."""
    keys = [key for key in loc if not _is_form(key)]
    found, here = [], document
    for place, key in enumerate(keys):
        is_kind = bool(place) and (keys[place - 1] == "dataset" or _kind(here) == key)
        if is_kind and keys[place + 1 :]:
            continue
        found.append(str(key))
        here = _part(here, key)
    return found


def _kind(value: object) -> object:
    """Return what a table of the file says that it is, or the text that stands for such a table."""
    return value.get("name") if isinstance(value, dict) else value if isinstance(value, str) else None


def _part(value: object, key: int | str) -> object:
    try:
        return value[key]  # type: ignore[index]
    except (LookupError, TypeError):
        return None
