"""Which level each task can afford in a memory, and what it loses against its best level."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from app.ui import cached
from app.ui.formatting import amount, cost_share, listed, percent
from app.ui.seed_means import Array, Mean
from app.virtual.accuracy_model import difference_words
from core.costs import Unit
from core.families.virtual.memory import Footprint, LevelChoice, MemoryQuestion, best_levels
from core.families.virtual.points import BYTES
from core.families.virtual.results import VirtualResults, VirtualScores
from core.plane.point import drawn_of, last_within
from core.runs.result import Split

QUESTION_WORDS = {
    MemoryQuestion.ALL: "All tasks resident",
    MemoryQuestion.ONE: "One active task",
}


@dataclass(frozen=True, eq=False)
class MemoryView:
    """The best levels of one network for every memory budget; costs are bytes.

    Args:
        results: Of the study.
        network: Whose levels they are.
        gains: Mean Δ on validation, percent, ``[n_tasks, n_levels]``.
        footprint: What levels keep in memory.
        question: What is in memory at a time.
        front: The best choice for every budget, by rising cost.
        whole: Bytes with every task on its last level.
    """

    results: VirtualResults
    network: VirtualScores
    gains: Array
    footprint: Footprint
    question: MemoryQuestion
    front: tuple[LevelChoice, ...]
    whole: float

    @classmethod
    def of(cls, results: VirtualResults, network: VirtualScores, question: MemoryQuestion) -> "MemoryView | None":
        """Return the best levels, exact for every budget; None where no seed has measured every level.

        Raises:
            BudgetError: Too many choices are among the best.
        """
        gains, payload = network.mean_gains("validation"), next(iter(network.payloads.values()), None)
        if gains is None or payload is None:
            return None
        footprint = Footprint.of(payload, network.orders)
        found = tuple(
            LevelChoice(each.levels, BYTES * each.cost, each.score) for each in best_levels(gains, footprint, question)
        )
        last = (results.n_levels - 1,) * len(results.tasks)
        return cls(results, network, gains, footprint, question, found, BYTES * footprint.cost(last, question))

    def within(self, budget: float) -> LevelChoice | None:
        """Return the best choice within a budget; None where nothing fits.

        Args:
            budget: Share of the memory with every task on its last level.
        """
        place = last_within(self.front, budget * self.whole)
        return None if place is None else self.front[place]

    @property
    def drawn(self) -> tuple[LevelChoice, ...]:
        """The front; of one too long to be drawn, what is best within each whole percent."""
        return drawn_of(self.front, self.whole)

    def tested(self, found: LevelChoice) -> Mean:
        """Return the mean Δ of a choice on the test split."""
        gains = self.network.gains["test"]
        return Mean.of(np.mean([gains[:, task, level] for task, level in enumerate(found.levels)], axis=0))

    def apart(self, found: LevelChoice, split: Split) -> Mean:
        """Return by how many points of mean Δ a choice differs from the best without a limit, paired by seed."""
        gains = self.network.gains[split]
        per_seed = [
            np.mean([gains[:, task, level] for task, level in enumerate(each.levels)], axis=0)
            for each in (found, self.front[-1])
        ]
        return Mean.of(per_seed[0] - per_seed[1])

    @property
    def enough(self) -> LevelChoice | None:
        """The cheapest choice whose difference to the best is within noise on validation; None with one seed."""
        for each in self.front[:-1]:
            interval = self.apart(each, "validation").interval
            if interval is not None and interval[0] <= 0 <= interval[1]:
                return each
        return self.front[-1] if self.apart(self.front[-1], "validation").n_seeds > 1 else None

    def share_of(self, found: LevelChoice) -> float:
        """Return the memory of a choice as a share of the whole."""
        return found.cost / self.whole if self.whole else 0.0

    def separate(self, found: LevelChoice) -> float:
        """Return the bytes of the same levels as networks of their own, which share nothing."""
        alone = self.footprint.alone()
        return BYTES * float(sum(alone[task, level] for task, level in enumerate(found.levels)))


def memory_view(study: str, place: int, question: MemoryQuestion) -> MemoryView | None:
    """Return the best levels of a network of a study, searched once.

    Args:
        study: Name.
        place: Of the network in the study.
        question: What is in memory at a time.
    """
    return _view(study, cached.version_of(study), place, question)


@st.cache_resource(max_entries=64, show_spinner="Searching for the best levels …")
def _view(study: str, version: str, place: int, question: MemoryQuestion) -> MemoryView | None:  # noqa: ARG001
    results = cached.study(study).result(VirtualResults)
    assert results is not None
    return MemoryView.of(results, results.networks[place], question)


def chosen_frame(view: MemoryView, found: LevelChoice) -> pd.DataFrame:
    """Return one row for each task: its level, Δ there and on its best level, what it loses, what it holds."""
    test, alone = view.network.gains["test"], BYTES * view.footprint.alone()
    best = view.gains.argmax(axis=1).tolist()
    rows = []
    for t, (task, level) in enumerate(zip(view.results.tasks, found.levels, strict=True)):
        reported = Mean.of(test[:, t, level])
        low, high = reported.interval or (float("nan"), float("nan"))
        rows.append(
            {
                "task": task.name,
                "level": level + 1,
                "Δ, validation": float(view.gains[t, level]),
                "best level": best[t] + 1,
                "loses (points)": float(view.gains[t, best[t]] - view.gains[t, level]),
                "Δ, test": reported.value,
                "Δ low": low,
                "Δ high": high,
                "bytes alone": int(alone[t, level]),
                "share of its last level": 100 * float(alone[t, level] / alone[t, -1]),
            }
        )
    return pd.DataFrame(rows)


def front_frame(view: MemoryView) -> pd.DataFrame:
    """Return one row for each best choice: its memory, mean Δ of both splits, and the level of each task, from 1."""
    return pd.DataFrame(
        [
            {
                "bytes": each.cost,
                "share of memory": 100 * view.share_of(each),
                "mean Δ, validation": each.score,
                "mean Δ, test": view.tested(each).value,
                **{
                    f"level of {task.name}": level + 1
                    for task, level in zip(view.results.tasks, each.levels, strict=True)
                },
            }
            for each in view.front
        ]
    )


def where_words(view: MemoryView, found: LevelChoice) -> str:
    """Return the levels of a choice with the tasks that are on them."""
    there: dict[int, list[str]] = {}
    for task, level in zip(view.results.tasks, found.levels, strict=True):
        there.setdefault(level, []).append(task.name)
    return "; ".join(f"{listed(there[level])} on level {level + 1}" for level in sorted(there))


def headline(view: MemoryView, found: LevelChoice) -> str:
    """Return a choice in words: levels, memory, gains, and what is lost."""
    lost = view.front[-1].score - found.score
    more = "no mean Δ is lost against the best without a limit"
    if lost > 1e-9:
        apart = difference_words(view.apart(found, "test"))
        more = f"{lost:.1f} points less than the best without a limit ({apart} on test, paired by seed)"
    if view.question is MemoryQuestion.ALL:
        held = (
            f"{amount(found.cost, Unit.BYTES)} in memory, where what several use counts once "
            f"({amount(view.separate(found), Unit.BYTES)} as separate networks)"
        )
    else:
        held = f"at most {amount(found.cost, Unit.BYTES)} in memory at a time"
    words = (
        f"The best that fits: {where_words(view, found)}. That is {held}, {cost_share(view.share_of(found))} of what "
        "all need on their last level. "
        f"The mean Δ is {view.tested(found).written} on the test split and {percent(found.score)} on the validation "
        f"split, which chose it: {more}."
    )
    return words.replace(" %", "\u00a0%")


def enough_sentence(view: MemoryView) -> str:
    """Return from which memory on the mean Δ can't be told from the best; empty with one seed."""
    found = view.enough
    if found is None:
        return ""
    held = f"{amount(found.cost, Unit.BYTES)} ({cost_share(view.share_of(found))})"
    if found is view.front[-1]:
        words = f"Below {held}, every choice is worse than the best without a limit by more than noise."
    else:
        words = (
            f"{held} is enough: the mean Δ can't be told from the best without a limit (within noise). The levels: "
            f"{where_words(view, found)}."
        )
    return words.replace(" %", "\u00a0%")


def nothing_fits(view: MemoryView) -> str:
    """Return what is said of a memory in which not even the first levels fit."""
    least = view.front[0]
    return (
        f"Not every task fits this memory: the least is {amount(least.cost, Unit.BYTES)}, "
        f"{cost_share(view.share_of(least))} of what all need on their last level."
    ).replace(" %", "\u00a0%")
