"""Drag a memory, see which level each task can afford in it."""

import streamlit as st

from app.components.assignment_front import FrontEntry, assignment_front, front_data, score_ticks
from app.ui.downloads import csv_button, file_stem
from app.ui.formatting import amount, escape, percent
from app.ui.glossary import explain
from app.ui.seed_means import Mean, seeds_words
from app.ui.url_state import choice, whole_number
from app.ui.written_table import show_written
from app.virtual.controls import network_input
from app.virtual.memory_model import (
    QUESTION_WORDS,
    MemoryView,
    chosen_frame,
    enough_sentence,
    front_frame,
    headline,
    memory_view,
    nothing_fits,
    where_words,
)
from core.costs import Unit
from core.families.virtual.memory import LevelChoice, MemoryQuestion
from core.families.virtual.points import BYTES
from core.families.virtual.results import VirtualResults
from core.studies.study import Study

KEY, MEMORY = "memory_front", "memory"
_USUAL_MEMORY, _SPOKEN = 60, 40
_WORDS = {
    "budget": "Memory, share of that with every task on its last level",
    "use": "Drag the memory, or use the arrow keys.",
    "gain": "mean Δ, validation, %",
    "over": "over the memory",
}


def show_memory(results: VirtualResults, study: Study) -> None:
    """Show the best levels within a memory, and those of every other memory.

    Args:
        results: With a trained network.
        study: The study.
    """
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        place = network_input(results)
        question = choice(
            "In memory", list(MemoryQuestion), "memory_question", labels=QUESTION_WORDS,
            help=explain("memory question"),
        )  # fmt: skip
        budget = whole_number("Memory, %", 1, 100, _USUAL_MEMORY, MEMORY, help=explain("memory budget"), width=130)
    view = memory_view(study.name, place, question)
    if view is None:
        st.info(
            "No seed of this network has measured every task on every level yet.", icon=":material/hourglass_empty:"
        )
        return
    assignment_front(key=KEY, data=figure_data(view, budget, study.name), on_budget=moved)
    if enough := enough_sentence(view):
        st.markdown(escape(enough), help=explain("within noise"))
    found = view.within(budget / 100)
    if found is not None:
        csv_button("Levels as CSV", chosen_frame(view, found), "branchwise-virtual-memory.csv")
    st.caption(
        "Levels are chosen on the validation split, exactly: the curve, “Δ, validation” and “loses” are of it. The "
        "mean Δ in the sentence and “Δ, test” are of the test split. Bytes are those of float32 parameters, heads "
        "included. "
        f"Equal task weights, {seeds_words(view.network.gains['test'])}.",
        help=explain("memory choice"),
    )
    _show_front(view)


def _show_front(view: MemoryView) -> None:
    fold = st.expander("Every memory as a table", icon=":material/table:", on_change="rerun", key="virtual-front-table")
    if not fold.open:
        return
    frame = front_frame(view)
    with fold:
        show_written(
            frame,
            {"bytes": lambda value: amount(value, Unit.BYTES), "share of memory": lambda value: f"{value:.1f} %",
             **dict.fromkeys(("mean Δ, validation", "mean Δ, test"), percent)},
            hide_index=True,
            alt="The best levels of the tasks for every memory",
        )  # fmt: skip
        csv_button("Every memory as CSV", frame, "branchwise-virtual-memories.csv")


def figure_data(view: MemoryView, budget: int, name: str) -> dict[str, object]:
    """Return the data that the browser draws.

    Args:
        view: The best levels.
        budget: In percent.
        name: Of the study.
    """
    drawn = view.drawn
    entries = _entries(view, drawn)
    return front_data(
        entries=entries,
        columns=["task", "level", "Δ, validation", "loses, points", "Δ, test", "holds", "of its last"],
        ticks=score_ticks([each.score for each in drawn]),
        budget=budget,
        nothing=nothing_fits(view),
        cost=f"memory, % of that with every task on its last level ({amount(view.whole, Unit.BYTES)})",
        spoken="Best levels for every memory: " + "; ".join(each.short for each in entries[:_SPOKEN]),
        filename=f"branchwise-virtual-memory-{file_stem(name)}",
        words=_WORDS,
        written=[amount(percent_ / 100 * view.whole, Unit.BYTES) for percent_ in range(101)],
    )


def _entries(view: MemoryView, drawn: tuple[LevelChoice, ...]) -> list[FrontEntry]:
    alone = BYTES * view.footprint.alone()
    known: dict[tuple[int, int], list[str]] = {}
    found = []
    for each in drawn:
        for place in enumerate(each.levels):
            if place not in known:
                known[place] = _row(view, *place, int(alone[place]), int(alone[place[0], -1]))
        share = view.share_of(each)
        short = (
            f"{amount(each.cost, Unit.BYTES)}, {where_words(view, each)}, mean Δ {percent(each.score)} on validation"
        )
        rows = [known[place] for place in enumerate(each.levels)]
        found.append(FrontEntry(share, each.score, headline(view, each), short, rows))
    return found


def _row(view: MemoryView, task: int, level: int, alone: int, last: int) -> list[str]:
    reported = Mean.of(view.network.gains["test"][:, task, level])
    return [
        view.results.tasks[task].name,
        f"level {level + 1}",
        percent(float(view.gains[task, level])),
        f"{float(view.gains[task].max() - view.gains[task, level]):.1f}",
        reported.written,
        amount(alone, Unit.BYTES),
        f"{100 * alone / last:.0f} %",
    ]


def moved() -> None:
    """Set the memory as it was dragged; values from the browser are validated like uploads."""
    value = getattr(st.session_state.get(KEY), "budget", None)
    if isinstance(value, int | float) and not isinstance(value, bool) and value in range(1, 101):
        st.session_state[MEMORY] = int(value)
