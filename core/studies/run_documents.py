"""Results of runs as JSON documents: metrics in full, environments once, curves apart."""

import math
from collections.abc import Iterator, Mapping, Set
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from core.bounded_number import Count, Loss, Seconds, Steps, Value
from core.errors import DamageError
from core.runs.result import CurvePoint, Environment, Preprocessing, RunResult, RunState, SampleScores, Split
from core.studies.documents import first_fault, read_json, write_json

CURVE_DIGITS: Final = 5
# Points of all curves of a study together; one of 200 runs has 15,000.
MAX_POINTS: Final = 300_000
MAX_CURVES: Final = 40
# Fields of runs in archives of schema 4, which are a payload now.
_EARLIER_FIELDS: Final = ("rows", "digests", "alike")


_Name = Annotated[str, Field(max_length=300)]
_Counts = Annotated[list[Count], Field(max_length=200)]


def _square(counts: list[list[int]]) -> list[list[int]]:
    if any(len(row) != len(counts) for row in counts):
        raise ValueError("a confusion matrix has as many rows as columns")
    return counts


def _writable(payload: dict[str, Any]) -> dict[str, Any]:
    # Infinite numbers and halves of characters could be stored, but never be read or exported again.
    write_json(payload).encode()
    return payload


Confusion = Annotated[list[_Counts], Field(max_length=200), AfterValidator(_square)]


class _RunDocument(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    state: RunState
    sentence: Annotated[str, Field(max_length=2000)] = ""
    metrics: dict[Split, dict[str, dict[str, Value]]] = Field(default_factory=dict)
    steps: Steps
    seconds: Seconds
    params: Count
    head_params: Count
    environment: Count
    payload: Annotated[dict[str, Any], AfterValidator(_writable)] | None = None
    confusion: dict[Split, dict[str, Confusion]] = Field(default_factory=dict)
    classes: dict[str, Annotated[tuple[_Name, ...], Field(max_length=200)]] = Field(default_factory=dict)
    constant: dict[Split, dict[str, dict[str, Value]]] = Field(default_factory=dict)
    preprocessing: Preprocessing | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_earlier(cls, document: Any) -> Any:  # noqa: ANN401  # any decoded document
        """Gather what archives of schema 4 wrote besides metrics into a payload."""
        if not isinstance(document, dict) or not document.keys() & {*_EARLIER_FIELDS}:
            return document
        rest = {name: value for name, value in document.items() if name not in _EARLIER_FIELDS}
        return {"payload": {name: document[name] for name in _EARLIER_FIELDS if name in document}, **rest}


class _CurveDocument(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    steps: Annotated[list[Steps], Field(max_length=MAX_POINTS)]
    losses: Annotated[dict[str, list[Loss | None]], Field(max_length=MAX_CURVES)]

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
_SAMPLES = TypeAdapter(dict[str, dict[Split, dict[str, SampleScores]]])


def runs_document(results: Mapping[str, RunResult], large: Set[str] = frozenset()) -> dict[str, object]:
    """Return run key → result without curve and scores of samples, as plain values; equal environments once.

    Args:
        results: Run key → result.
        large: Keys of runs whose payload is kept elsewhere.
    """
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
            **_beside_metrics(result, large=key in large),
        }
    return {"environments": environments, "runs": runs}


def _beside_metrics(result: RunResult, *, large: bool) -> dict[str, object]:
    found: dict[str, object] = {
        "payload": None if large else result.payload,
        "confusion": result.confusion,
        "classes": {task: list(names) for task, names in result.classes.items()},
        "constant": result.constant,
        "preprocessing": None if result.preprocessing is None else result.preprocessing.model_dump(mode="json"),
    }
    return {name: value for name, value in found.items() if value}


def samples_document(results: Mapping[str, RunResult]) -> dict[str, object]:
    """Return run key → scores of samples, as plain values; nothing of results of earlier versions."""
    return {
        key: result.model_dump(mode="json", include={"samples"})["samples"]
        for key, result in results.items()
        if result.samples
    }


def read_samples(content: bytes | None) -> dict[str, dict[Split, dict[str, SampleScores]]]:
    """Return run key → scores of samples, written by ``samples_document`` as JSON text; nothing where there is none.

    Raises:
        DamageError: The document has another form, or scores are no array.
    """
    if content is None:
        return {}
    try:
        found = _SAMPLES.validate_python(read_json(content, "samples.json"))
    except ValidationError as fault:
        raise DamageError(f"samples.json can't be read: {first_fault(fault)}.") from None
    for scores in (each for splits in found.values() for tasks in splits.values() for each in tasks.values()):
        scores.values()
    return found


def curves_document(results: Mapping[str, RunResult]) -> dict[str, object]:
    """Return run key → training curve, as plain values; losses to five digits, null where not finite."""
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


def read_runs(
    content: bytes | None,
    curves: Mapping[str, tuple[CurvePoint, ...]],
    samples: Mapping[str, dict[Split, dict[str, SampleScores]]] | None = None,
) -> dict[str, RunResult]:
    """Return the results written by ``runs_document``, as JSON text.

    Args:
        content: The JSON text.
        curves: Run key → training curve; empty where unknown.
        samples: Run key → scores of samples; empty where unknown.

    Raises:
        DamageError: The document has another form.
    """
    document = read_json(content or b"", "runs.json")
    try:
        found = _RunsDocument.model_validate(document)
        known = samples or {}
        return {
            key: _result(run, found.environments, curves.get(key, ()), known.get(key, {}))
            for key, run in found.runs.items()
        }
    except ValidationError as fault:
        raise DamageError(f"runs.json can't be read: {first_fault(fault)}.") from None
    except IndexError:
        raise DamageError("runs.json names an environment it does not list.") from None


def _result(
    run: _RunDocument,
    environments: list[Environment],
    curve: tuple[CurvePoint, ...],
    samples: dict[Split, dict[str, SampleScores]],
) -> RunResult:
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
        payload=run.payload,
        samples=samples,
        confusion=run.confusion,
        classes=run.classes,
        constant=run.constant,
        preprocessing=run.preprocessing,
    )


def read_curves(content: bytes | None) -> dict[str, tuple[CurvePoint, ...]]:
    """Return run key → training curve, written by ``curves_document``, as JSON text; nothing where there is none.

    Raises:
        DamageError: The document has another form, or too many points.
    """
    if content is None:
        return {}
    try:
        found = _CURVES.validate_python(read_json(content, "curves.json"))
    except ValidationError as fault:
        raise DamageError(f"curves.json can't be read: {first_fault(fault)}.") from None
    if (n_points := sum(len(curve.steps) for curve in found.values())) > MAX_POINTS:
        raise DamageError(f"curves.json has {n_points:,} points; a study has at most {MAX_POINTS:,}.")
    return {key: tuple(_points(curve)) for key, curve in found.items()}


def _points(curve: _CurveDocument) -> Iterator[CurvePoint]:
    for index, step in enumerate(curve.steps):
        losses = {task: values[index] for task, values in curve.losses.items()}
        yield CurvePoint(step=step, losses={task: math.nan if x is None else x for task, x in losses.items()})
