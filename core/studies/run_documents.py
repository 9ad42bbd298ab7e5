"""Results of runs as JSON documents: metrics in full, surroundings once, curves apart."""

import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from core.errors import StudyError
from core.runs.result import CurvePoint, Environment, RunResult, RunState, Split
from core.studies.documents import first_fault, read_json

CURVE_DIGITS: Final = 5
_OF_TREES: Final = ("rows", "digests", "alike")
# Rank correlations after each block behind the trunk.
Alike = Annotated[tuple[Annotated[float, Field(ge=-1, le=1)], ...], Field(max_length=80)]


class _RunDocument(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    state: RunState
    sentence: Annotated[str, Field(max_length=2000)] = ""
    metrics: dict[Split, dict[str, dict[str, float]]] = Field(default_factory=dict)
    steps: Annotated[int, Field(ge=0)]
    seconds: Annotated[float, Field(ge=0)]
    params: Annotated[int, Field(ge=0, lt=2**62)]
    head_params: Annotated[int, Field(ge=0, lt=2**62)]
    environment: Annotated[int, Field(ge=0)]
    rows: dict[str, Annotated[int, Field(ge=0, lt=2**40)]] = Field(default_factory=dict, max_length=40)
    digests: dict[str, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]] = Field(default_factory=dict, max_length=41)
    alike: dict[str, Alike] = Field(default_factory=dict, max_length=40)


class _CurveDocument(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    steps: list[Annotated[int, Field(ge=0)]]
    losses: dict[str, list[float | None]]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if any(len(losses) != len(self.steps) for losses in self.losses.values()):
            raise ValueError("a curve has another number of losses than of steps")
        return self


class _RunsDocument(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    environments: list[Environment]
    runs: dict[str, _RunDocument]


_CURVES = TypeAdapter(dict[str, _CurveDocument])


def runs_document(results: Mapping[str, RunResult]) -> dict[str, object]:
    """Give run key → result without its curve, as plain values; equal surroundings are written once."""
    environments: list[dict[str, object]] = []
    runs: dict[str, object] = {}
    for key, result in results.items():
        environment = result.environment.model_dump(mode="json")
        if environment not in environments:
            environments.append(environment)
        runs[key] = {
            "state": result.state.value,
            "sentence": result.sentence,
            "metrics": result.metrics if result.state is RunState.DONE else {},
            "steps": result.steps,
            "seconds": result.seconds,
            "params": result.params,
            "head_params": result.head_params,
            "environment": environments.index(environment),
            # Of trees only: the documents of all other runs stay as they were.
            **{name: found for name in _OF_TREES if (found := getattr(result, name))},
        }
    return {"environments": environments, "runs": runs}


def curves_document(results: Mapping[str, RunResult]) -> dict[str, object]:
    """Give run key → training curve, as plain values; losses to five digits, null where not finite."""
    return {
        key: {
            "steps": [point.step for point in result.curve],
            "losses": {
                task: [_short(point.losses.get(task, math.nan)) for point in result.curve]
                for task in sorted({task for point in result.curve for task in point.losses})
            },
        }
        for key, result in results.items()
        if result.curve
    }


def _short(loss: float) -> float | None:
    return float(f"{loss:.{CURVE_DIGITS}g}") if math.isfinite(loss) else None


def read_runs(content: bytes | None, curves: Mapping[str, tuple[CurvePoint, ...]]) -> dict[str, RunResult]:
    """Give the results written by ``runs_document``, as JSON text.

    Args:
        content: The JSON text.
        curves: Run key → training curve; empty where unknown.

    Raises:
        StudyError: The document has another form.
    """
    document = read_json(content or b"", "runs.json")
    try:
        found = _RunsDocument.model_validate(document)
        return {key: _result(run, found.environments, curves.get(key, ())) for key, run in found.runs.items()}
    except ValidationError as fault:
        raise StudyError(f"runs.json can't be read: {first_fault(fault)}. Export the study again.") from None
    except IndexError:
        raise StudyError("runs.json names an environment it does not list. Export the study again.") from None


def _result(run: _RunDocument, environments: list[Environment], curve: tuple[CurvePoint, ...]) -> RunResult:
    # Every part was validated above; validating three hundred runs twice would be felt on opening.
    return RunResult.model_construct(
        state=run.state,
        sentence=run.sentence,
        metrics=run.metrics,
        curve=curve,
        steps=run.steps,
        seconds=run.seconds,
        params=run.params,
        head_params=run.head_params,
        environment=environments[run.environment],
        rows=run.rows,
        digests=run.digests,
        alike=run.alike,
    )


def read_curves(content: bytes | None) -> dict[str, tuple[CurvePoint, ...]]:
    """Give run key → training curve, written by ``curves_document``, as JSON text; nothing where there is none.

    Raises:
        StudyError: The document has another form.
    """
    if content is None:
        return {}
    try:
        found = _CURVES.validate_python(read_json(content, "curves.json"))
    except ValidationError as fault:
        raise StudyError(f"curves.json can't be read: {first_fault(fault)}. Export the study again.") from None
    return {key: tuple(_points(curve)) for key, curve in found.items()}


def _points(curve: _CurveDocument) -> Iterator[CurvePoint]:
    for index, step in enumerate(curve.steps):
        losses = {task: values[index] for task, values in curve.losses.items()}
        yield CurvePoint(step=step, losses={task: math.nan if x is None else x for task, x in losses.items()})
