"""The backbone of a new study, and where it is cut into blocks."""

import json
from collections.abc import Sequence
from typing import Any, Final

import streamlit as st

from app.studies.fields import field_inputs, key_of
from app.studies.weights_part import remember_weights
from app.ui.chosen_backbone import backbone_to_use, is_backbone_for
from app.ui.formatting import count, escape, plural
from app.ui.glossary import explain
from app.ui.own_code import own_code_roots, why_no_own_code
from app.ui.page_frame import show_errors
from core.backbones import Backbone
from core.backbones.backbone import equal_runs
from core.backbones.catalogue import load_backbone
from core.errors import StudyError
from core.jobs.presets import torchvision_backbones
from core.layouts.counting import count_layouts
from core.runs.backbone_specification import (
    DILATED,
    MOST_BLOCKS,
    SMALL_RESIDUAL,
    THIN_VGG,
    TORCHVISION,
    BackboneSpecification,
)

NAME: Final = key_of("backbone", "name")
OTHER: Final = "other"
MACS, HAND = "macs", "hand"
_WAYS: Final = {MACS: "Equal MACs", HAND: "Manual"}
_SMALL_BLOCKS: Final = 5
_THIN_BLOCKS: Final = 15
_DILATED: Final = ("resnet18", "resnet34", "resnet50", "resnet101")
_TITLES: Final = {
    SMALL_RESIDUAL: "Small residual network",
    THIN_VGG: "Thin VGG-16 (Branched MTL)",
    OTHER: "Your own network, or one of timm …",
    **{f"{DILATED}{name}": f"{name}, dilated: output stride 8" for name in _DILATED},
}
_OTHER_NAME, _OTHER_ARGS, _OTHER_CUTS = (key_of("other", what) for what in ("name", "args", "cuts"))


def backbone_input(n_tasks: int) -> dict[str, Any] | None:
    """Ask for the backbone and return the fields of its specification; None until all is named."""
    st.markdown("**3 · Backbone**", help=explain("backbone", "block"))
    names = [f"{TORCHVISION}{name}" for name in torchvision_backbones()]
    options = [SMALL_RESIDUAL, OTHER, *names, *(f"{DILATED}{name}" for name in _DILATED), THIN_VGG]
    name = st.selectbox(
        "Backbone",
        options,
        key=NAME,
        format_func=lambda option: _TITLES.get(option, option.removeprefix(TORCHVISION)),
        label_visibility="collapsed",
        persist_state="session",
    )
    document: dict[str, Any] = {"name": name, "blocks": _SMALL_BLOCKS}
    complete = False
    with show_errors():
        if name == SMALL_RESIDUAL:
            document |= field_inputs(BackboneSpecification, ["width"], "backbone", columns=1)
        elif name == THIN_VGG:
            document |= field_inputs(BackboneSpecification, ["width"], "backbone", columns=1)
            document |= {"blocks": _blocks_slider(THIN_VGG, _THIN_BLOCKS)}
        elif name == OTHER:
            document |= _other()
        else:
            plain = name.removeprefix(TORCHVISION).removeprefix(DILATED)
            document |= _traced(name, load_backbone(plain))
        complete = True
    if not complete:
        return None
    blocks = int(document["blocks"])
    st.caption(
        plural(blocks, "block")
        + (f" and {n_tasks} tasks give **{count(count_layouts(n_tasks, blocks))} layouts**." if n_tasks > 1 else ".")
    )
    return document


def _traced(name: str, profile: Backbone) -> dict[str, Any]:
    way = st.segmented_control(
        "Blocks start",
        list(_WAYS),
        default=MACS,
        required=True,
        key=_key("way", name),
        format_func=_WAYS.__getitem__,
        help="Neighbouring blocks are merged to nearly equal MACs, or as you choose; see the Backbone page.",
        persist_state="session",
    )
    stem = field_inputs(BackboneSpecification, ["stem"], "backbone", columns=1)
    if way != HAND:
        return {"blocks": _blocks_slider(name, profile.n_blocks), **stem}
    names = [block.name for block in profile.blocks]
    key = _key("cuts", name)
    # Choosing by hand begins with the blocks of equal MACs, as on the page Backbone.
    usual = equal_names(profile, int(st.session_state.get(_key("blocks", name), _SMALL_BLOCKS)))
    st.session_state[key] = [cut for cut in st.session_state.get(key, usual) if cut in names[1:]]
    chosen = st.multiselect(
        "Blocks start at", names[1:], key=key, placeholder="Choose branching points …", persist_state="session"
    )
    cuts = [cut for cut in names[1:] if cut in chosen]
    return {"blocks": len(cuts) + 1, "cuts": cuts, **stem}


def equal_names(profile: Backbone, n_blocks: int) -> list[str]:
    """Return the names of the blocks that start each of so many blocks of nearly equal MACs, but for the first."""
    starts = equal_runs([block.macs for block in profile.blocks], min(n_blocks, profile.n_blocks))
    return [profile.blocks[start].name for start in starts[1:]]


def _blocks_slider(name: str, n_blocks: int) -> int:
    most = min(n_blocks, MOST_BLOCKS)
    key = _key("blocks", name)
    st.session_state[key] = min(int(st.session_state.get(key, _SMALL_BLOCKS)), most)
    return st.slider(
        "Blocks",
        1,
        most,
        key=key,
        help="Neighbouring blocks are merged to nearly equal MACs. See the Backbone page.",
        persist_state="session",
    )


def _other() -> dict[str, Any]:
    """Ask for a network of the user's own or of timm, where its code may be run from here."""
    roots, reason = own_code_roots(), why_no_own_code()
    if reason:
        st.info(reason, icon=":material/code:")
    name = st.text_input(
        "MODULE:FUNCTION, or timm:NAME",
        key=_OTHER_NAME,
        max_chars=200,
        placeholder="mypackage.net:make",
        help=""
        if roots is None
        else f"Modules are looked for in {escape(str(roots[0]))} and among installed packages.",
        disabled=bool(reason),
        persist_state="session",
    )
    left, right = st.columns(2)
    with left:
        arguments = st.text_input(
            "Its arguments, as JSON",
            key=_OTHER_ARGS,
            max_chars=10_000,
            placeholder='{"width": 32}',
            disabled=bool(reason),
            persist_state="session",
        )
    with right:
        cuts = st.text_input(
            "Blocks start at",
            key=_OTHER_CUTS,
            max_chars=2000,
            placeholder="2, layer3.0",
            help="Numbers from 1 or names, as `branchwise backbone` prints them; empty gives blocks of equal MACs.",
            disabled=bool(reason),
            persist_state="session",
        )
    if reason:
        raise StudyError("Choose another backbone: networks from elsewhere can't be traced from here.")
    if not (name or "").strip():
        raise StudyError("Name a function that returns the network, as in mypackage.net:make, or timm:resnet18.")
    found = cuts_of(cuts or "")
    blocks = len(found) + 1 if found else _blocks_slider(OTHER, MOST_BLOCKS)
    return {"name": (name or "").strip(), "args": arguments_of(arguments or ""), "cuts": found, "blocks": blocks}


def arguments_of(text: str) -> dict[str, Any]:
    """Return keyword arguments written as a JSON object; none where nothing is written.

    Raises:
        StudyError: It is no JSON object.
    """
    try:
        found = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise StudyError(f'{text[:60]!r} is no JSON object of arguments. Write {{"width": 32}}.')
    return found


def cuts_of(text: str) -> list[int | str]:
    """Return where blocks start, as numbers or names.

    >>> cuts_of("2, layer3.0")
    [2, 'layer3.0']
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    return [int(word) if word.isascii() and word.isdigit() and len(word) < _DIGITS else word for word in words]


_DIGITS: Final = 6


def remember_backbone(backbone: BackboneSpecification) -> None:
    """Set the controls to a backbone; for callbacks, and before they are drawn."""
    known = {SMALL_RESIDUAL, THIN_VGG, *_TITLES, *(f"{TORCHVISION}{name}" for name in torchvision_backbones())}
    name = backbone.name if backbone.name in known else OTHER
    st.session_state[NAME] = name
    st.session_state[key_of("backbone", "width")] = backbone.width
    st.session_state[key_of("backbone", "stem")] = backbone.stem
    st.session_state[_key("blocks", name)] = backbone.blocks
    if name == OTHER:
        st.session_state[_OTHER_NAME] = backbone.name
        st.session_state[_OTHER_ARGS] = json.dumps(backbone.args) if backbone.args else ""
        st.session_state[_OTHER_CUTS] = ", ".join(map(str, backbone.cuts))
    else:
        st.session_state[_key("way", name)] = HAND if backbone.cuts else MACS
        st.session_state[_key("cuts", name)] = _named(name, backbone.cuts)


def _key(what: str, name: str) -> str:
    """Return the session key of a control that each backbone has for itself."""
    return key_of(what, name.removeprefix(TORCHVISION))


def _named(name: str, cuts: Sequence[int | str]) -> list[str]:
    if not cuts:
        return []
    names = [block.name for block in load_backbone(name.removeprefix(TORCHVISION).removeprefix(DILATED)).blocks]
    return [names[cut] if isinstance(cut, int) else cut for cut in cuts if isinstance(cut, str) or cut < len(names)]


def take_chosen() -> bool:
    """Set the controls to the backbone that the page Backbone chose, once; return whether there was one."""
    if not is_backbone_for("studies") or (chosen := backbone_to_use("studies")) is None:
        return False
    backbone = chosen.specification or BackboneSpecification(name=chosen.name, cuts=chosen.cuts, blocks=chosen.blocks)
    remember_backbone(backbone)
    remember_weights(backbone)
    return True
