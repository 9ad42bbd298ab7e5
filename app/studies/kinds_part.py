"""What the columns of a folder's label file are: guessed, shown with counts, and changed by who makes the study."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from app.studies.draft_model import dataset_of
from app.studies.fields import key_of, table_of
from app.ui.formatting import count, escape
from core.data.folder import folder_facts
from core.data.label_columns import ColumnFacts
from core.studies.dataset_specification import FolderSpecification
from core.studies.label_kinds import IGNORE
from core.tasks import Kind

_GUESS: Final = ""
_WORDS: Final = {
    Kind.CLASSIFICATION: "Classes",
    Kind.ORDINAL: "Ordered",
    Kind.REGRESSION: "Numbers",
    Kind.MULTI_LABEL: "Labels",
}
_COLUMNS: Final = 2
_PART: Final = "data-folder"


def kinds_input(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Show what each column of a label file holds and ask what it is; None while a question is open.

    Args:
        document: Fields of the folder's specification; its kinds are those of a copied study.

    Returns:
        Column → kind, of the columns that are no guess.

    Raises:
        DataError: The folder or its label file can't be read.
    """
    columns = _facts(json.dumps({**document, "kinds": {}}))
    _take_copied([each.name for each in columns])
    found: dict[str, Any] = {}
    doubts = []
    for start in range(0, len(columns), _COLUMNS):
        row = st.columns(_COLUMNS)
        for facts, place in zip(columns[start : start + _COLUMNS], row, strict=False):
            with place:
                kind = _kind_input(facts)
            if kind != _GUESS:
                found[facts.name] = json.loads(kind) if kind.startswith("[") else kind
            elif facts.question:
                doubts.append(facts)
    for facts in doubts:
        asked = "Numbers to predict, or classes?" if len(facts.choices) > 1 else facts.question
        st.warning(f"**{escape(facts.name)}** {escape(asked)} Choose above.", icon=":material/help:")
    return None if doubts else found


def _kind_input(facts: ColumnFacts) -> str:
    key = _key(facts.name)
    guessed = None if facts.kind is None else facts.kind.value
    if st.session_state.setdefault(key, _GUESS) == guessed:
        # What is said needlessly would make other data of the same.
        st.session_state[key] = _GUESS
    options = [_GUESS, *(kind.value for kind in facts.choices if kind.value != guessed), IGNORE]
    if st.session_state[key] not in options:
        if not st.session_state[key].startswith("["):
            # The labels have changed and can't be that any more.
            st.session_state[key] = _GUESS
        else:
            options.append(st.session_state[key])
    chosen = st.selectbox(
        escape(facts.name),
        options,
        key=key,
        format_func=lambda option: kind_words(option, facts),
        persist_state="session",
        help="Numbers are predicted as such, with their mean error. Ordered classes are classes in the order of their "
        "numbers: a near answer counts more. Words are ordered in a study file, under [dataset.kinds], as in "
        'size = ["small", "large"]. A column that is left out is no task.',
    )
    missing = f", {count(facts.n_missing)} missing" if facts.n_missing else ""
    how = "guessed; " if chosen == _GUESS and guessed else ""
    st.caption(f"{how}{escape(facts.summary)}; {count(facts.n_labelled)} labelled{missing}")
    return chosen


def kind_words(option: str, facts: ColumnFacts) -> str:
    """Return what a choice is called.

    Args:
        option: A kind, the order of classes as JSON, "ignore", or nothing for the guess.
        facts: Of the column.
    """
    if option == _GUESS:
        return _WORDS[facts.kind] if facts.kind is not None else "Choose …"
    if option == IGNORE:
        return "Leave out"
    if option.startswith("["):
        return " < ".join(json.loads(option))
    return _WORDS[Kind(option)]


def _take_copied(names: Sequence[str]) -> None:
    """Set the controls to the kinds of a study that was copied."""
    copied = st.session_state.pop(key_of(_PART, "kinds"), "")
    table = table_of(copied) if isinstance(copied, str) else copied
    for name, kind in table.items() if isinstance(table, dict) else ():
        if name in names:
            st.session_state[_key(name)] = kind if isinstance(kind, str) else json.dumps([*kind], ensure_ascii=False)


def _key(name: str) -> str:
    return key_of(f"{_PART}-kind", name)


@st.cache_resource(max_entries=24, ttl=60, show_spinner="Reading the labels …")
def _facts(document: str) -> list[ColumnFacts]:
    asked = dataset_of(json.loads(document))
    assert isinstance(asked, FolderSpecification)
    return folder_facts(asked)
