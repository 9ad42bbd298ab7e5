"""Every number of every document that is read has a least and a most; a new field without them is found here."""

import importlib
import math
import pkgutil
from collections.abc import Iterator

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

import core
from core.bounded_number import Count, Loss, Positive, Seconds, Share, Side, Statistic, Steps, TaskIndex, Value

LEAST, MOST = {"minimum", "exclusiveMinimum"}, {"maximum", "exclusiveMaximum"}
# Numbers that may be anything when they are stored, and what bounds them where they are read.
ELSEWHERE = {
    # Infinite in a run that diverged; ``_CurveDocument`` bounds those of others.
    "core.runs.result.CurvePoint.losses",
    # ``check_numbers`` bounds what is stored, ``_RunDocument`` what comes from others.
    "core.runs.result.RunResult.metrics",
    "core.runs.result.RunResult.constant",
}


def documents() -> Iterator[tuple[str, dict]]:
    """Give the JSON schemas of all models and adapters of the project by name."""
    for found in pkgutil.walk_packages(core.__path__, "core."):
        if found.name.endswith("__main__"):
            continue
        module = importlib.import_module(found.name)
        for name, each in vars(module).items():
            if isinstance(each, TypeAdapter):
                yield f"{found.name}.{name}", each.json_schema()
            elif isinstance(each, type) and issubclass(each, BaseModel) and each.__module__ == found.name:
                yield f"{found.name}.{name}", each.model_json_schema()


def unbounded(node: object, path: str) -> Iterator[str]:
    """Give the places of a schema that hold a number without a least or a most."""
    if isinstance(node, list):
        for each in node:
            yield from unbounded(each, path)
    if not isinstance(node, dict) or "const" in node or "enum" in node:
        return
    if node.get("type") in ("integer", "number") and not (node.keys() & LEAST and node.keys() & MOST):
        yield path
    for key, value in node.items():
        if key in ("properties", "$defs"):
            for name, each in value.items():
                # Definitions are models of their own, or dataclasses, which have no path here.
                yield from unbounded(each, f"{path}.{name}" if key == "properties" else f"{path}:{name}")
        elif key != "default":
            yield from unbounded(value, path)


def test_every_number_of_a_document_has_a_least_and_a_most():
    found = dict(documents())
    assert len(found) > 60
    places = {place for name, schema in found.items() for place in unbounded(schema, name)}
    own = {place for place in places if ":" not in place}
    assert own - ELSEWHERE == set()
    # Parts of a document are models that were looked at themselves.
    parts = {place.rpartition(":")[2] for place in places - own}
    assert parts <= {".".join(place.split(".")[-2:]) for place in ELSEWHERE}


def test_a_field_without_bounds_is_found():
    class Forgotten(BaseModel):
        bounded: Count
        open_below: list[Share | int]

    assert list(unbounded(Forgotten.model_json_schema(), "f")) == ["f.open_below"]


@pytest.mark.parametrize("kind", [Count, Loss, Positive, Seconds, Share, Side, Statistic, Steps, TaskIndex, Value])
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1e308, -1e308, 2**63, -(2**63), 10**400, True, "x"])
def test_impossible_numbers_are_refused(kind, number):
    if kind in (Loss, Value) and number in (2**63, -(2**63)):
        assert TypeAdapter(kind).validate_python(number) == number
        return
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(number, strict=True)
