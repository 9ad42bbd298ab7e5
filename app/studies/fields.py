"""Controls generated from the fields of a specification, with its bounds and choices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

import streamlit as st
import tomli_w
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.ui.glossary import explain
from core.toml_text import TomlError, parse_toml

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
    "fit": Wording(
        "Images that are no squares",
        "Stretching changes proportions, padding adds black on two sides, cropping cuts two sides off.",
        {"stretch": "Stretch", "pad": "Pad with black", "crop": "Crop to the middle"},
    ),
    "noise": Wording("Noise", "Standard deviation of the noise added to every colour channel (range 0 to 1)."),
    "measured": Wording(
        "Measure strokes",
        "Two more tasks, numbers measured on every picture: thickness in pixels and slant in degrees.",
    ),
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
    "file": Wording(
        "Path of the weights", "A safetensors file or a state dictionary of torch on the machine that trains."
    ),
    "zoo": Wording(
        "Name of the weights",
        "As torchvision or timm calls them, such as IMAGENET1K_V1. They are never downloaded.",
    ),
    "freeze": Wording("Frozen blocks", "Leading blocks that do not learn; their norms keep their statistics."),
    "rate": Wording("Rate of the other blocks", "Factor of the learning rate; heads have the whole rate."),
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
    "warm_up": Wording("Warm-up", "Share of the steps in which the rate rises; the schedule One cycle has its own."),
    "clip": Wording("Longest gradient", "Of each tensor of weights, as its norm; 0 is off."),
    "precision": Wording(
        "Precision",
        "Numbers of forward and backward passes in training; evaluation is always in float32.",
        {"float32": "float32", "bfloat16": "bfloat16"},
    ),
    "class_weights": Wording(
        "Class weights",
        "Balanced: rare classes count as much as frequent ones. Or type a weight for each class of a task, as in "
        "animal = [1, 4]",
        {"equal": "Equal", "balanced": "Balanced"},
    ),
    "label_smoothing": Wording("Label smoothing", "Share of the target that is spread over all classes."),
    "augment": Wording(
        "Augmentation",
        "Training images are changed at random, each in its own way; maps move with them. Or type a change with its "
        "strength, as in crop, least = 0.5",
        {
            "flip": "Flip",
            "vertical-flip": "Flip upside down",
            "crop": "Crop",
            "rotate": "Rotate",
            "color": "Colour",
            "noise": "Noise",
            "erase": "Erase",
        },
    ),
    "loss_weights": Wording("Loss weights", "Factors of tasks, as in depth = 2, edges = 0.5. Empty: 1 for each."),
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
        columns: How many stand side by side; a list of several values has the whole width.
    """
    narrow = [name for name in names if not _is_list(model.model_fields[name])]
    found: dict[str, Any] = {}
    for start in range(0, len(narrow), columns):
        row = st.columns(columns, vertical_alignment="bottom")
        for name, column in zip(narrow[start : start + columns], row, strict=False):
            with column:
                found[name] = _input(name, model.model_fields[name], key_of(part, name))
    for name in (name for name in names if name not in found):
        found[name] = _input(name, model.model_fields[name], key_of(part, name))
    return found


def _is_list(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is tuple


def remember(values: Mapping[str, Any], part: str) -> None:
    """Set the controls of some fields; for callbacks.

    Args:
        values: Field name → value.
        part: What their keys begin with.
    """
    for name, value in values.items():
        if isinstance(value, Mapping):
            shown: Any = table_text(value)
        elif isinstance(value, tuple):
            shown = [named_text(each) for each in value]
        else:
            shown = value
        st.session_state[key_of(part, name)] = shown


def named_text(value: BaseModel) -> str:
    """Return the name of a value, with what it has of its own, as a control shows it.

    >>> from core.runs.augmentation import Crop
    >>> named_text(Crop(name="crop")), named_text(Crop(name="crop", least=0.5))
    ('crop', 'crop, least = 0.5')
    """
    own = value.model_dump(exclude_defaults=True, mode="json")
    return ", ".join(filter(None, [own.pop("name"), table_text(own)]))


def named_of(text: str) -> object:
    """Return the value that such a text says; the text itself where it says none, for the study to refuse.

    >>> named_of("crop, least = 0.5"), named_of("crop")
    ({'name': 'crop', 'least': 0.5}, 'crop')
    """
    name, _, rest = text.partition(",")
    own = table_of(rest)
    return {"name": name.strip(), **own} if isinstance(own, dict) and own else text.strip()


def table_text(table: Mapping[str, Any]) -> str:
    """Return a table as a control shows it.

    >>> table_text({"depth": 2.0, "a b": (1.0, 4.0)})
    'depth = 2.0, "a b" = [1.0, 4.0]'
    """
    return ", ".join(
        f"{tomli_w.dumps({name: 0}).partition(' = ')[0]} = {list(value) if isinstance(value, tuple) else value}"
        for name, value in table.items()
    )


def table_of(text: str) -> object:
    """Return the table that a text says; the text itself where it says none, for the study to refuse.

    >>> table_of('depth = 2, "a b" = [1, 4]')
    {'depth': 2, 'a b': [1, 4]}
    """
    if "=" not in text:
        return text.strip() or {}
    try:
        return parse_toml(f"table = {{{text}}}")["table"]
    except TomlError:
        return text


def _input(name: str, field: FieldInfo, key: str) -> Any:  # noqa: ANN401  # any plain value
    wording = WORDS[name]
    default = "" if field.is_required() else field.get_default(call_default_factory=True)
    st.session_state.setdefault(key, "" if default == {} else list(default) if isinstance(default, tuple) else default)
    shared: dict[str, Any] = {"key": key, "help": wording.help or None, "persist_state": "session"}
    if get_origin(field.annotation) is Literal:
        titles = wording.options or {}
        return st.selectbox(
            wording.label,
            list(get_args(field.annotation)),
            format_func=lambda option: titles.get(option, option),
            **shared,
        )
    if _is_list(field):
        titles = wording.options or {}
        options = list(dict.fromkeys([*titles, *st.session_state[key]]))
        shared |= {"accept_new_options": True, "format_func": lambda option: titles.get(option, option)}
        return [named_of(each) for each in st.multiselect(wording.label, options, **shared)]
    if get_origin(field.annotation) is dict:
        return table_of(st.text_input(wording.label, **shared))
    if field.annotation not in (float, int) and wording.options is not None:
        options, titles = list({**wording.options, str(st.session_state[key]): ""}), wording.options
        shared |= {"accept_new_options": True, "format_func": lambda option: titles.get(option, option)}
        chosen = st.selectbox(wording.label, options, **shared)
        return table_of(chosen) if field.annotation is not str and chosen not in titles else chosen
    if field.annotation is bool:
        return st.toggle(wording.label, **shared)
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
