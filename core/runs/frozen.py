"""Bases of specifications: validated when created, then immutable."""

import json
from collections.abc import Mapping
from inspect import get_annotations
from types import UnionType
from typing import Annotated, Any, ClassVar, Self, Union, Unpack, get_args, get_origin

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, Strict, model_serializer


def as_tuple(value: object) -> object:
    """Return a list of a decoded document as a tuple; anything else as it is."""
    return tuple(value) if isinstance(value, list) else value


def shown_path(path: str) -> str:
    """Return a path that a document may name, else raise ValueError."""
    if not path.isprintable() or path != path.strip():
        raise ValueError(
            "a path has no space at either end and no character that can't be shown. "
            "Write / instead of \\ between double quotes"
        )
    return path


class Frozen(BaseModel):
    """Base of every part of a specification: unknown keys, NaN and infinity are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __init_subclass__(cls, **options: Unpack[ConfigDict]) -> None:
        """Refuse text and truth values where a number belongs, and anything but true and false as a truth value."""
        super().__init_subclass__(**options)
        own = get_annotations(cls)
        own.update({name: _strict(kind) for name, kind in own.items()})

    def __hash__(self) -> int:
        """Return a hash that equal specifications share, also where a field is a table."""
        try:
            return hash((type(self), *(getattr(self, name) for name in type(self).model_fields)))
        except TypeError:
            return hash((type(self), json.dumps(self.model_dump(mode="json"), sort_keys=True)))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with some fields changed; cached values are not copied.

        Raises:
            TypeError: There is no such field; pydantic itself would ignore it.
        """
        if strange := (update or {}).keys() - type(self).model_fields.keys():
            raise TypeError(f"{type(self).__name__} has no field {min(strange)!r}.")
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied


def _strict(kind: Any) -> Any:  # noqa: ANN401  # any annotation
    """Return the type of a field so that a number or truth value is not made of something else; others as they are."""
    alone = [each for each in get_args(kind) if each is not type(None)]
    if get_origin(kind) in (UnionType, Union) and len(alone) == 1:
        return _strict(alone[0]) | None
    plain = alone[0] if get_origin(kind) is Annotated else kind
    return Annotated[kind, Strict()] if plain in (bool, int, float) else kind


class Extended(Frozen):
    """Base of a part of a specification that got fields after its first release.

    Keys of runs hash its document. Fields that came later are left out of it where they have
    their default, so that what was trained before is still found.

    Class attributes:
        added: Names of these fields; those of all bases count.
    """

    added: ClassVar[frozenset[str]] = frozenset()

    @model_serializer(mode="wrap")
    def _without_added(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        document: dict[str, Any] = handler(self)
        fields = type(self).model_fields
        added = frozenset[str]().union(*(base.__dict__.get("added", ()) for base in type(self).__mro__))
        for name in added & document.keys():
            if getattr(self, name) == fields[name].get_default(call_default_factory=True):
                del document[name]
        return document
