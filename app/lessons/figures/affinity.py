"""Figures of the lesson on affinity."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.affinity.figure import figure_data
from app.affinity.subject import Resampling, Subject
from app.charts import svg
from app.charts.matrix import matrix_svg
from app.components.dial import Stop, dial_data
from app.lessons.bundled import losses, study
from app.lessons.figure import Figure, Interactive
from app.lessons.values.affinity import SOURCE, STUDY, TARGET, against_own, certainty, tournament, view
from app.ui.formatting import count, share
from core.affinity.ordering import Arrangement

_WIDTH, _HEIGHT = 760.0, 196.0


def figures() -> dict[str, Figure]:
    """Return name → figure."""
    n_depths = losses(STUDY).n_depths
    return {
        "borrowed": Interactive(
            "dial", dial_data("How many blocks are borrowed", [_borrowed(d) for d in range(n_depths)])
        ),
        "tournament": Interactive("dial", dial_data("Step of the tournament", _steps(n_depths - 1))),
        "map": Interactive("affinity_map", _map(), "Click a cell, or use the arrow keys, to open a pair."),
    }


def _borrowed(depth: int) -> Stop:
    found = losses(STUDY)
    wins = float(against_own()[depth, found.tasks.index(TARGET), found.tasks.index(SOURCE)])
    blocks = "block is" if depth == 0 else f"{depth + 1} blocks are"
    return Stop(
        name=str(depth + 1),
        title=f"The first {blocks} borrowed from {SOURCE}",
        svg=_network(depth, found.n_depths, wins),
        narrow=_narrow_network(depth, found.n_depths, wins),
        sentence=f"With borrowed features {TARGET} gets a lower loss than with its own on {share(wins)} of "
        f"{count(found.n_samples)} validation pictures (mean of {len(found.seeds)} seeds).",
    )


def _network(depth: int, n_depths: int, wins: float) -> str:
    """Return the network of the target with borrowed blocks, and how often it wins."""
    tasks = losses(STUDY).tasks
    own, other = (svg.task_colour(tasks.index(name)) for name in (TARGET, SOURCE))
    body, step, high = svg.text(0, 62, "picture", fill=svg.MUTED), 112.0, 54.0
    for block in range(n_depths):
        x, is_borrowed = 64 + step * block, block <= depth
        body += svg.tag("line", x1=x - 8, x2=x, y1=57, y2=57, stroke=svg.MUTED, stroke_width=2)
        body += svg.tag(
            "rect", x=x, y=30, width=step - 8, height=high, rx=8, fill=other if is_borrowed else own,
            opacity="0.6" if is_borrowed else "0.4",
        )  # fmt: skip
        body += svg.text(x + step / 2 - 4, 54, f"block {block + 1}", anchor="middle", size=14, font_weight=600)
        body += svg.text(x + step / 2 - 4, 72, "frozen" if is_borrowed else "retrained", anchor="middle", size=12.5)
    body += svg.text(64 + step * n_depths + 4, 62, TARGET, fill=own, size=14, font_weight=600)
    body += svg.text(64, 20, f"from the network of {SOURCE}", fill=other, size=13, font_weight=600)
    left, right, y = 64.0, 624.0, 128.0
    end = left + (right - left) * wins
    body += svg.tag("rect", x=left, y=y, width=right - left, height=26, rx=5, fill="var(--bw-over)")
    body += svg.tag("rect", x=left, y=y, width=end - left, height=26, rx=5, fill=other, opacity="0.85")
    middle = (left + right) / 2
    body += svg.tag("line", x1=middle, x2=middle, y1=y - 8, y2=y + 34, stroke=svg.TEXT, stroke_width=2)
    body += svg.text(middle, y + 50, "half: as good as its own", anchor="middle", fill=svg.MUTED)
    body += svg.text(right + 12, y + 19, f"wins {share(wins)}", size=15, font_weight=700)
    return svg.canvas(_WIDTH, _HEIGHT, body, f"{depth + 1} borrowed blocks win {share(wins)}")


def _narrow_network(depth: int, n_depths: int, wins: float) -> str:
    """Return the same for a phone."""
    tasks = losses(STUDY).tasks
    own, other = (svg.task_colour(tasks.index(name)) for name in (TARGET, SOURCE))
    step = svg.NARROW / n_depths
    body = svg.text(0, 14, f"from the network of {SOURCE}", fill=other, size=13, font_weight=600)
    for block in range(n_depths):
        x, is_borrowed = step * block, block <= depth
        body += svg.tag(
            "rect", x=x, y=22, width=step - 4, height=54, rx=6, fill=other if is_borrowed else own,
            opacity="0.6" if is_borrowed else "0.4",
        )  # fmt: skip
        middle = x + step / 2 - 2
        body += svg.text(middle, 45, f"block {block + 1}", anchor="middle", size=13, font_weight=600)
        body += svg.text(middle, 64, "frozen" if is_borrowed else "retrained", anchor="middle", size=12)
    body += svg.text(svg.NARROW, 94, TARGET, anchor="end", fill=own, size=13, font_weight=600)
    y = 112.0
    body += svg.tag("rect", x=0, y=y, width=svg.NARROW, height=26, rx=5, fill="var(--bw-over)")
    body += svg.tag("rect", x=0, y=y, width=svg.NARROW * wins, height=26, rx=5, fill=other, opacity="0.85")
    middle = svg.NARROW / 2
    body += svg.tag("line", x1=middle, x2=middle, y1=y - 6, y2=y + 32, stroke=svg.TEXT, stroke_width=2)
    body += svg.text(middle, y + 48, "half: as good as its own", anchor="middle", fill=svg.MUTED)
    body += svg.text(0, y + 70, f"wins {share(wins)}", size=15, font_weight=700)
    return svg.canvas(svg.NARROW, _HEIGHT, body, f"{depth + 1} borrowed blocks win {share(wins)}")


def _steps(depth: int) -> list[Stop]:
    """Return the tournament of the target, step by step."""
    found, tasks = tournament(depth), losses(STUDY).tasks
    i, j = tasks.index(TARGET), tasks.index(SOURCE)
    pictures = [f"picture {n + 1}" for n in range(len(found.samples))]
    lowest = {(int(found.losses[:, n].argmin()), n) for n in range(found.losses.shape[1])}
    own_lowest = sum(encoder == i for encoder, _ in lowest)
    P, A = found.performance, found.affinity
    normalised = float(view().normalised[depth, i, j])
    ends = (float(found.losses.min()), float(found.losses.max()))
    return [
        _step(
            "losses", f"Losses of {TARGET} on {len(pictures)} pictures, with each task's blocks",
            _Matrix(found.losses, tasks, pictures, 3, (ends[1], ends[0]), lowest),
            f"Framed: the lowest loss of each picture. {TARGET.capitalize()}' own blocks have it on {own_lowest} of "
            f"{len(pictures)}. Each picture has one vote, so that a few hard pictures can't decide.",
        ),
        _step(
            "wins", "W: on which share of pictures the row beats the column",
            _Matrix(found.shares, tasks, tasks, 3, (0.0, 1.0), {(i, j), (j, i)}),
            f"Over all {count(found.n_samples)} pictures and {found.n_seeds} seeds. {TARGET.capitalize()}' own blocks "
            f"beat those of {SOURCE} on {share(float(found.shares[i, j]))}. Opposite cells add up to one.",
        ),
        _step(
            "ratios", "Ratios: wins for each loss",
            _Matrix(found.ratios, tasks, tasks, 2, (0.0, float(found.ratios.max())), {(i, j)}),
            f"{found.shares[i, j]:.3f} / {found.shares[j, i]:.3f} = {found.ratios[i, j]:.2f}: a share divided by its "
            "opposite.",
        ),
        _step(
            "strengths", "The principal eigenvector: one strength for each encoder",
            _Matrix(found.vector[None], ["strength"], tasks, 3, (0.0, 1.0), {(0, i)}),
            f"Multiply equal strengths by the ratios again and again, and scale them to sum to one. Equal encoders "
            f"would have {1 / len(tasks):.3f} each.",
        ),
        _step(
            "P", "P: the strengths of all three tournaments, one row for each target",
            _Matrix(P, tasks, tasks, 3, (0.0, 1.0), {(i, n) for n in range(len(tasks))}),
            f"The row of {TARGET} is the tournament that was just played. P is not symmetric: one task may gain from "
            "another's features and not the other way round.",
        ),
        _step(
            "A", "A: the mean of both directions",
            _Matrix(A, tasks, tasks, 3, (0.0, 1.0), {(i, j), (j, i)}),
            f"({P[i, j]:.3f} + {P[j, i]:.3f}) / 2 = {A[i, j]:.3f}. Divided by the root of both tasks' own, "
            f"{A[i, i]:.3f} and {A[j, j]:.3f}, it is {normalised:.2f}: the number in the heat map.",
        ),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Matrix:
    """A matrix of a step, with its names, digits, the values of the palest and the fullest colour, and framed cells."""

    values: NDArray[np.float64]
    rows: Sequence[str]
    columns: Sequence[str]
    digits: int
    domain: tuple[float, float]
    marked: set[tuple[int, int]]


def _step(name: str, title: str, shown: _Matrix, sentence: str) -> Stop:
    written = [[f"{value:.{shown.digits}f}" for value in row] for row in shown.values]
    label = f"Matrix of {', '.join(shown.rows)} by {', '.join(shown.columns)}"
    wide, narrow = (
        matrix_svg(
            shown.values, shown.rows, [each.removeprefix("picture ") for each in shown.columns] if is_narrow else
            shown.columns, written, label, domain=shown.domain, marked=shown.marked, height=_HEIGHT,
            width=svg.NARROW if is_narrow else _WIDTH,
        )
        for is_narrow in (False, True)
    )  # fmt: skip
    return Stop(name, title, wide, sentence, narrow)


def _map() -> dict[str, object]:
    resampling = Resampling(lambda _: certainty())
    resampling.begin(view(), wait=True)
    subject = Subject(study(STUDY), view(), resampling, f"lesson/{STUDY}")
    arranged = [Arrangement(tuple(range(len(view().tasks))))]
    tasks = view().tasks
    pair = sorted((tasks.index(TARGET), tasks.index(SOURCE)))
    return figure_data(subject, arranged, 0, (pair[0], pair[1]))
