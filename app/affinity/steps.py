"""One tournament step by step, for teaching, with the numbers of the study."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from app.affinity.heatmap import matrix_figure
from app.affinity.loss_words import distinct_losses, lowest_cells
from app.affinity.subject import Subject
from app.ui.formatting import count, escape, listed, share
from app.ui.glossary import explain
from app.ui.page_url import keep, kept
from app.ui.plotly import plotly_chart
from app.ui.unread_address import refuse
from app.ui.url_state import name_choice
from core.affinity.tournament import LEAST_SHARE, Eigenvector
from core.affinity.tournament_steps import Tournament, TournamentStep, duel, tournament_of

_STEP, _TARGET = "step", "target"
LAST = max(TournamentStep)
TITLES = {
    TournamentStep.LOSSES: "Losses of samples",
    TournamentStep.WINS: "Win rates",
    TournamentStep.RATIOS: "Ratios of wins",
    TournamentStep.EIGENVECTOR: "Principal eigenvector",
    TournamentStep.ROW: "One row of P",
    TournamentStep.AFFINITY: "From P to A",
}
# Wider matrices can't be read; the excerpt holds the target, the best and the worst.
_WIDEST = 10


def show_steps(subject: Subject, depth: int) -> None:
    """Show the tournament of one target at the depth that is shown."""
    tasks = subject.view.tasks
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        chosen = name_choice("Target task", tasks, _TARGET, width=220, help=explain("tournament"))
        step = _step()
        st.button("Back", icon=":material/arrow_back:", on_click=_go, args=(step - 1,), disabled=step == 0)
        st.button("Next", icon=":material/arrow_forward:", on_click=_go, args=(step + 1,), disabled=step == LAST)
        st.button("Restart", icon=":material/restart_alt:", on_click=_go, args=(0,), disabled=step == 0)
    target = tasks.index(chosen) if chosen in tasks else 0
    evidence = subject.view.evidence
    if evidence.losses is None:
        return
    found = tournament_of(evidence.losses, subject.shares(), depth, target, evidence.eigenvector)
    st.markdown(f"**Step {step + 1} of {LAST + 1} · {TITLES[step]}**")
    _SHOWN[step](subject, found)


def _step() -> TournamentStep:
    words = kept(_STEP)
    if words.isdecimal() and len(words) < 3:
        return TournamentStep(min(int(words), LAST))
    refuse(_STEP, f"a number from 0 to {LAST:d}", "0")
    return TournamentStep.LOSSES


def _go(step: int) -> None:
    keep(_STEP, str(step) if step else "")


def _losses(subject: Subject, found: Tournament) -> None:
    tasks, target = subject.view.tasks, escape(subject.view.tasks[found.target])
    st.markdown(
        f"For target task **{target}**, the first {_blocks(found)} of each task's network are frozen and the rest is "
        "trained on top. Below: the loss of each of these networks on "
        f"{len(found.samples)} of {count(found.n_samples)} validation samples. The lowest of each "
        "sample is underlined; where several are equal, all are."
    )
    rows = _rows(found)
    values = found.losses[rows]
    written = distinct_losses(values)
    marked = lowest_cells(values)
    columns = [f"sample {n}" for n in found.samples]
    label = f"Losses of {listed([tasks[i] for i in rows])} on an excerpt of samples"
    _show(values, [tasks[i] for i in rows], columns, label, digits=3, marked=marked, written=written)
    lowest = int((found.losses[found.target] == found.losses.min(axis=0)).sum())
    st.caption(
        f"{_excerpt(found, tasks)}In this excerpt {target}'s own features give the lowest loss on {lowest} of "
        f"{len(found.samples)} samples. Mean losses are not used, because a few hard samples would "
        "dominate; so each sample has one vote."
    )


def _wins(subject: Subject, found: Tournament) -> None:
    tasks = subject.view.tasks
    best = int(np.argmax(found.vector))
    other = found.target if best != found.target else int(np.argsort(found.vector)[-2])
    won, tied, lost = duel(found, best, other)
    names = escape(tasks[best]), escape(tasks[other])
    seeds = f", mean over {found.n_seeds} seeds" if found.n_seeds > 1 else ""
    st.markdown(
        f"Every sample is a match between two encoders; the lower loss wins, a tie counts half. {names[0]} against "
        f"{names[1]} in the excerpt: {won} won, {tied} tied, {lost} lost. Over all {count(found.n_samples)} "
        f"samples{seeds}, {names[0]} wins {share(float(found.shares[best, other]))}. Each cell is such a share: "
        "the row against the column."
    )
    _square(subject, found, found.shares, "W, the share of samples on which the row beats the column", (0.0, 1.0))


def _ratios(subject: Subject, found: Tournament) -> None:
    tasks = subject.view.tasks
    if subject.view.evidence.eigenvector is Eigenvector.RAW:
        st.markdown(
            "The option “Raw wins” takes the eigenvector of W itself, as the text of Branched MTL says, so this step "
            "changes nothing. “AHP ratios” divides every share by its opposite first."
        )
    else:
        i, j = found.target, int(np.argmin(found.vector))
        w, v = float(found.shares[i, j]), float(found.shares[j, i])
        st.markdown(
            f"Divide each share by its opposite: wins per loss of the row. "
            f"{escape(tasks[i])} against {escape(tasks[j])}: {w:.3f} / {v:.3f} = {found.ratios[i, j]:.2f}. Shares "
            f"below {LEAST_SHARE:g} count as {LEAST_SHARE:g}, to avoid division by zero."
        )
    _square(subject, found, found.ratios, "Ratios of wins of the row against the column", None)


def _eigenvector(subject: Subject, found: Tournament) -> None:
    tasks, rows = subject.view.tasks, _rows(found)
    st.markdown(
        "Power iteration: start with equal strengths, multiply the matrix by them, and repeat until only the scale "
        f"changes. The result is the principal eigenvector, here with eigenvalue {found.value:.3f}, scaled to sum to "
        "one."
    )
    steps = _power(found.ratios)
    _show(
        np.vstack([*steps, found.vector])[:, rows],
        [f"iteration {n}" for n in range(len(steps))] + ["eigenvector"],
        [tasks[i] for i in rows],
        "Strengths after each power iteration, and the eigenvector",
        digits=3,
        marked_rows=(len(steps),),
    )
    st.caption(
        f"{_excerpt(found, tasks)}Equal encoders would each get 1/{len(tasks)} = {1 / len(tasks):.3f}. Strongest here: "
        f"{escape(tasks[int(np.argmax(found.vector))])}."
    )


def _row(subject: Subject, found: Tournament) -> None:
    target = escape(subject.view.tasks[found.target])
    st.markdown(
        f"These strengths are the row of **{target}** in P: how well each task's first {_blocks(found)} serve it. "
        "Every other task has its own tournament and its own row. P need not be symmetric: one task may gain from the "
        "features of another but not the reverse."
    )
    _square(subject, found, found.performance, "P: the task of the row on the features of the column", None, frame=True)


def _affinity(subject: Subject, found: Tournament) -> None:
    tasks, P = subject.view.tasks, found.performance
    i = found.target
    j = int(np.argsort(np.where(np.arange(len(tasks)) == i, -np.inf, found.vector))[-1])
    normalised = float(subject.view.normalised[found.depth, i, j])
    st.markdown(
        f"Affinity averages both directions: A = (P + Pᵀ)/2. {escape(tasks[i])} and {escape(tasks[j])}: "
        f"({P[i, j]:.3f} + {P[j, i]:.3f}) / 2 = {found.affinity[i, j]:.3f}. Normalised by both tasks' own, "
        f"{found.affinity[i, j]:.3f} / √({found.affinity[i, i]:.3f} · {found.affinity[j, j]:.3f}) = "
        f"**{normalised:.2f}**: the number in the large heatmap."
    )
    _square(subject, found, found.affinity, "A, the affinities at this depth", None)


_SHOWN = {
    TournamentStep.LOSSES: _losses,
    TournamentStep.WINS: _wins,
    TournamentStep.RATIOS: _ratios,
    TournamentStep.EIGENVECTOR: _eigenvector,
    TournamentStep.ROW: _row,
    TournamentStep.AFFINITY: _affinity,
}


def _square(
    subject: Subject, found: Tournament, values: np.ndarray, label: str, domain: tuple[float, float] | None, *,
    frame: bool = False,
) -> None:  # fmt: skip
    rows = _rows(found)
    names = [subject.view.tasks[i] for i in rows]
    _show(
        values[np.ix_(rows, rows)], names, names, label, digits=2 if domain else 3, domain=domain,
        marked_rows=(rows.index(found.target),) if frame else (),
    )  # fmt: skip
    st.caption(f"{_excerpt(found, subject.view.tasks)}{label}.")


def _show(
    values: np.ndarray, rows: Sequence[str], columns: Sequence[str], label: str, *, digits: int = 2,
    domain: tuple[float, float] | None = None, marked_rows: Collection[int] = (),
    marked: Collection[tuple[int, int]] = (), written: Sequence[Sequence[str]] | None = None,
) -> None:  # fmt: skip
    """Show a matrix as a figure, and folded away as a table."""
    figure = matrix_figure(
        values, rows, columns, digits=digits, domain=domain, marked_rows=marked_rows, marked=marked, ink=_ink(),
        written=written,
    )  # fmt: skip
    plotly_chart(figure, key="step-matrix", alt=label)
    fold = st.expander("As a table", icon=":material/table:", on_change="rerun", key="step-table")
    if fold.open:
        frame = pd.DataFrame(values, index=pd.Index(rows, name=""), columns=list(columns))
        frame = frame if written else frame.round(digits)
        fold.dataframe(frame, alt=label)


def _ink() -> str:
    """Return the colour of text in the theme that is on."""
    return "#E8ECEA" if st.context.theme.type == "dark" else "#0F171A"


def _rows(found: Tournament) -> list[int]:
    """Return the encoders that are shown: all, or the target with the strongest and the weakest."""
    n = len(found.vector)
    if n <= _WIDEST:
        return list(range(n))
    ranked = [int(i) for i in np.argsort(-found.vector) if i != found.target]
    half = (_WIDEST - 1) // 2
    return sorted([found.target, *ranked[: _WIDEST - 1 - half], *ranked[-half:]])


def _excerpt(found: Tournament, tasks: tuple[str, ...]) -> str:
    n = len(_rows(found))
    return "" if n == len(tasks) else f"{n} of {len(tasks)} encoders: the target's own, the strongest and the weakest. "


def _power(matrix: np.ndarray, n: int = 4) -> list[np.ndarray]:
    vector = np.full(len(matrix), 1.0 / len(matrix))
    steps = [vector]
    for _ in range(n - 1):
        vector = matrix @ vector
        vector = vector / vector.sum()
        steps.append(vector)
    return steps


def _blocks(found: Tournament) -> str:
    return "block" if found.depth == 0 else f"{found.depth + 1} blocks"
