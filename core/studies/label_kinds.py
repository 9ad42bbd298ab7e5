"""What columns of labels are said to be: ``[dataset.kinds]`` of a study file."""

from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BeforeValidator, Field, PlainSerializer

from core.tasks import MAX_NAME_LENGTH

IGNORE: Final = "ignore"
MAX_COLUMNS: Final = 100
_Word = Literal["classification", "ordinal", "multi-label", "regression", "ignore"]
WORDS: Final[tuple[str, ...]] = get_args(_Word)
# A word, or the classes of an ordinal task from the lowest to the highest.
LabelKind = str | tuple[str, ...]

_Label = Annotated[str, Field(min_length=1, max_length=200)]
_Column = Annotated[str, Field(min_length=1, max_length=MAX_NAME_LENGTH)]


def _pairs(value: object) -> object:
    """Return a table of a study file as pairs in the order of names, so that equal tables are equal."""
    if not isinstance(value, dict):
        return value
    return tuple(sorted((name, _kind(kind)) for name, kind in value.items()))


def _kind(kind: object) -> Any:  # noqa: ANN401  # checked by the field
    if isinstance(kind, list):
        if not 2 <= len(kind) <= 1000 or not all(isinstance(each, str) for each in kind) or len({*kind}) < len(kind):
            raise ValueError("an order of classes is a list of 2 to 1,000 different texts")
        return tuple(kind)
    if isinstance(kind, str) and kind not in WORDS:
        raise ValueError(f'"{kind[:40]}" is no kind of label. Write {", ".join(WORDS)}, or the list of ordered classes')
    return kind


LabelKinds = Annotated[
    tuple[tuple[_Column, _Word | tuple[_Label, ...]], ...],
    BeforeValidator(_pairs),
    PlainSerializer(lambda pairs: {name: list(kind) if isinstance(kind, tuple) else kind for name, kind in pairs}),
    Field(max_length=MAX_COLUMNS),
]
