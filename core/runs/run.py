"""The base of every kind of run: one unit of work, identified by its key."""

import hashlib
import json
from abc import abstractmethod
from functools import cached_property
from typing import Any, ClassVar, Final, Self, TypeVar

from pydantic import ConfigDict, ValidationError, model_validator

from core.backbones import Backbone
from core.errors import StudyError
from core.runs.bounds import ResultBounds
from core.runs.frozen import Frozen
from core.runs.label import RunLabel
from core.runs.result import Metrics, RunResult
from core.runs.settings import TrainingSettings
from core.value_fault import fault_words

# Part of the keys of trainings: raise it when the same specification would train to another result.
RECIPE: Final = 1
# Work is counted in so many multiply-accumulates.
GIGA: Final = 1e9
# A head and its loss cost about as much as this share of the cheapest path through the backbone.
HEAD_SHARE: Final = 0.25

_P = TypeVar("_P", bound="Payload")
_F = TypeVar("_F", bound=Frozen)


class Payload(Frozen):
    """What a kind of run returns besides metrics; kept as a JSON document with the result."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Run(Frozen):
    """One training or measurement of a study.

    A subclass is the specification of one kind: everything that decides its result, and
    nothing that does not. The same specification has the same key on every machine.

    Class attributes:
        kind: Name of the kind in database, archive and messages.
        carried_out_by: ``module:function`` that executes it on a worker; the only place that imports torch.
        payload_type: Typed model of what the kind returns besides metrics; None where there is nothing else.
        is_training: Whether it counts among the trainings of a study (the others are measurements).
        can_keep_weights: Whether trained weights can be kept.
        keeps_weights: Whether they are kept even where not requested.
        needs_weights: Whether runs of the kind start from the trained weights of their parents.
        travels_with_study: Whether its value is part of an archive's study, which then needs no run of it.
        has_large_payload: Whether the payload is read only by the pages that show it.
        compact: Whether the hashed document has no spaces; differs for historical reasons.
    """

    kind: ClassVar[str]
    carried_out_by: ClassVar[str]
    payload_type: ClassVar[type[Payload] | None] = None
    is_training: ClassVar[bool] = True
    can_keep_weights: ClassVar[bool] = False
    keeps_weights: ClassVar[bool] = False
    needs_weights: ClassVar[bool] = False
    travels_with_study: ClassVar[bool] = False
    has_large_payload: ClassVar[bool] = False
    compact: ClassVar[bool] = False

    @model_validator(mode="before")
    @classmethod
    def _drop_kind(cls, document: Any) -> Any:  # noqa: ANN401  # any decoded document
        """Databases of earlier versions repeat the kind inside the specification."""
        if isinstance(document, dict) and document.get("kind") == cls.kind and "kind" not in cls.model_fields:
            return {name: value for name, value in document.items() if name != "kind"}
        return document

    @property
    @abstractmethod
    def identity(self) -> dict[str, Any]:
        """Plain values that decide the result; device, threads and paths are excluded."""

    @cached_property
    def key(self) -> str:
        """Hash of the identity."""
        separators = (",", ":") if self.compact else None
        text = json.dumps(_without_file(self.identity), sort_keys=True, separators=separators)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    @abstractmethod
    def label(self) -> RunLabel:
        """Its label, as fields."""

    @property
    @abstractmethod
    def settings(self) -> TrainingSettings:
        """How it is trained; a measurement takes the settings of what it measures."""

    def on(self, device: str) -> Self:
        """Return the same run on another device; its key stays the same.

        Args:
            device: ``auto``, ``cpu`` or ``cuda``.
        """
        return _placed(self, device)

    @property
    def parents(self) -> tuple["Run", ...]:
        """Runs that it starts from or is compared with; they are finished before it."""
        return ()

    @property
    def starts_from_parents(self) -> bool:
        """Whether this run starts from the trained weights of its parents."""
        return self.needs_weights

    @property
    def measured_tasks(self) -> tuple[str, ...]:
        """Tasks whose metrics the result holds on both splits."""
        return self.label.tasks

    @abstractmethod
    def work(self, backbone: Backbone) -> float:
        """Return its size for estimates of time, in 10⁹ multiply-accumulates over all training samples.

        Args:
            backbone: Profile with the study's blocks.
        """

    def bounds(self, backbone: Backbone) -> ResultBounds:  # noqa: ARG002  # a kind that says nothing of its result
        """Return what the specification says about the result.

        Args:
            backbone: Profile with the study's blocks.
        """
        return ResultBounds()

    def payload_metrics(self, result: RunResult) -> list[tuple[str, str, Metrics]]:  # noqa: ARG002  # as ``bounds``
        """Return task, where in words, and metrics that the payload of a result holds beside the result's own."""
        return []

    def check(self, result: RunResult) -> None:
        """Check that a finished result from elsewhere can be one of this run.

        Raises:
            StudyError: The payload is missing, has another form, is of other tasks, or belongs to another kind.
        """
        if self.payload_type is None and result.payload:
            raise StudyError(f'The result of "{self.label}" has a payload, and a run of this kind has none.')
        if self.payload_type is not None and result.is_done:
            self.payload_of(result, self.payload_type)

    def payload_of(self, result: RunResult, kind: type[_P]) -> _P:
        """Return the typed payload of a finished result.

        Args:
            result: Of this run.
            kind: Its ``payload_type``, so that the caller has its type.

        Raises:
            StudyError: The result has none, or one of another form.
        """
        try:
            return kind.model_validate(result.payload or {})
        except ValidationError as fault:
            error = fault.errors(include_url=False)[0]
            where = ".".join(map(str, error["loc"]))[:80]
            raise StudyError(
                f'The result of "{self.label}" is damaged at "{where}": it {fault_words(error)}. Train it again.'
            ) from None


def _without_file(document: dict[str, Any]) -> dict[str, Any]:
    """Return an identity without where pretrained weights lie, wherever it has a backbone: their hash says which."""
    found = {name: _without_file(value) if isinstance(value, dict) else value for name, value in document.items()}
    weights = found.get("weights")
    if isinstance(weights, dict) and weights.get("fingerprint"):
        found["weights"] = {name: value for name, value in weights.items() if name not in ("file", "zoo")}
    return found


def _placed(value: _F, device: str) -> _F:
    """Return a specification with every training setting in it on a device."""
    if isinstance(value, TrainingSettings):
        return value.model_copy(update={"device": device})
    changed: dict[str, object] = {}
    for name in type(value).model_fields:
        part = getattr(value, name)
        if isinstance(part, Frozen):
            changed[name] = _placed(part, device)
        elif isinstance(part, tuple):
            changed[name] = tuple(_placed(each, device) if isinstance(each, Frozen) else each for each in part)
    return value.model_copy(update=changed) if changed else value


def block_macs(backbone: Backbone) -> list[int]:
    """Return multiply-accumulates of every block, ``[n_blocks]``; at least 1, parameters where none are known."""
    return [max(block.macs, block.params, 1) for block in backbone.blocks]
