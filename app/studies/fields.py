"""Controls generated from the fields of a specification, with its bounds and choices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.ui.glossary import explain

PREFIX = "new"


@dataclass(frozen=True, slots=True)
class Wording:
    """Label and help of one field.

    Args:
        label: Of the control.
        help: Its tooltip.
        options: What the choices are called, where the field is one of some words.
    """

    label: str
    help: str = ""
    options: Mapping[str, str] | None = None


WORDS: Mapping[str, Wording] = {
    "n_train": Wording("Training images", explain("split")),
    "n_validation": Wording("Validation images", explain("validation")),
    "n_test": Wording("Test images", explain("test")),
    "validation": Wording("Share for validation", explain("validation")),
    "test": Wording("Share for test", explain("test")),
    "size": Wording("Image size", "Height and width in pixels."),
    "noise": Wording("Noise", "Standard deviation of the noise added to every colour channel (range 0 to 1)."),
    "seed": Wording("Seed", "Determines the generated images, or the assignment to splits."),
    "tree": Wording(
        "True tree", "Which tasks share which block, as in 0,1 | 0;1: | separates blocks, ; separates groups"
    ),
    "relatedness": Wording("Relatedness", explain("relatedness")),
    "classes": Wording("Classes of a task"),
    "parts": Wording("Number of tasks the classes are split into"),
    "path": Wording("Path on the machine that runs Branchwise"),
    "width": Wording("Width", "Channels of the first block; later ones have more."),
    "stem": Wording("Stem", explain("stem"), {"small": "For small images", "original": "Original"}),
    "epochs": Wording("Epochs", explain("epoch")),
    "batch_size": Wording("Batch size", "Images per step."),
    "learning_rate": Wording("Learning rate", "Maximum of the schedule."),
    "weight_decay": Wording("Weight decay"),
    "optimizer": Wording("Optimiser", "", {"adamw": "AdamW", "sgd": "SGD", "nesterov": "SGD, Nesterov"}),
    "schedule": Wording(
        "Schedule",
        "",
        {"one-cycle": "One cycle", "step": "Steps", "cosine": "Cosine", "plateau": "÷10 when the loss stalls"},
    ),
    "average": Wording(
        "Weight averaging (EMA)", "Decay per step of the moving average of weights that is evaluated; 0 is off."
    ),
    "patience": Wording("Patience", "Epochs without improvement before stopping; empty never stops early."),
    "device": Wording(
        "Device",
        "Where runs are trained. Not part of the key of a run.",
        {"cpu": "CPU", "cuda": "GPU", "cuda:1": "Second GPU", "mps": "Apple GPU", "auto": "GPU if available"},
    ),
    "threads": Wording("Threads per run"),
    "instructions": Wording(
        "CPU instructions",
        "AVX2 gives the same results on every machine; with all of its instructions a processor is a little faster. "
        "Not part of the key of a run.",
        {"avx2": "AVX2", "native": "All it has"},
    ),
}


def key_of(part: str, name: str) -> str:
    """Return the session key of a field's control."""
    return f"{PREFIX}-{part}-{name}"


def field_inputs(model: type[BaseModel], names: Sequence[str], part: str, *, columns: int = 3) -> dict[str, Any]:
    """Draw a control for some fields of a specification, and return name → value.

    Args:
        model: The kind of specification.
        names: Its fields to ask for.
        part: What their keys begin with.
        columns: How many stand side by side.
    """
    found: dict[str, Any] = {}
    for start in range(0, len(names), columns):
        row = st.columns(columns, vertical_alignment="bottom")
        for name, column in zip(names[start : start + columns], row, strict=False):
            with column:
                found[name] = _input(name, model.model_fields[name], key_of(part, name))
    return found


def remember(values: Mapping[str, Any], part: str) -> None:
    """Set the controls of some fields; for callbacks.

    Args:
        values: Field name → value.
        part: What their keys begin with.
    """
    for name, value in values.items():
        st.session_state[key_of(part, name)] = value


def _input(name: str, field: FieldInfo, key: str) -> Any:  # noqa: ANN401  # any plain value
    wording = WORDS[name]
    st.session_state.setdefault(key, "" if field.is_required() else field.get_default())
    shared: dict[str, Any] = {"key": key, "help": wording.help or None, "persist_state": "session"}
    if get_origin(field.annotation) is Literal:
        titles = wording.options or {}
        return st.selectbox(
            wording.label,
            list(get_args(field.annotation)),
            format_func=lambda option: titles.get(option, option),
            **shared,
        )
    if field.annotation is str and wording.options is not None:
        options = list({**wording.options, str(st.session_state[key]): ""})
        return st.selectbox(
            wording.label, options, format_func=lambda option: (wording.options or {}).get(option, option), **shared
        )
    if field.annotation is str:
        return st.text_input(wording.label, **shared)
    low, high = _bounds(field)
    if field.annotation is float:
        return st.number_input(wording.label, low, high, step=_step(low, high), format="%g", **shared)
    low, high = (None if bound is None else int(bound) for bound in (low, high))
    return st.number_input(wording.label, low, high, step=1, **shared)


def _bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    low = high = None
    for entry in field.metadata:
        low = getattr(entry, "ge", getattr(entry, "gt", low))
        high = getattr(entry, "le", getattr(entry, "lt", high))
    return (None if low is None else float(low)), (None if high is None else float(high))


def _step(low: float | None, high: float | None) -> float:
    return 0.05 if low is not None and high is not None and high - low <= 1 else 0.001
