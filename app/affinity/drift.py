"""What an affinity tensor says, in a few sentences a person would say; honest where it is unsure."""

import numpy as np
from numpy.typing import NDArray

from app.affinity.model import SURE, AffinityView, Sureness, is_uncertain
from app.ui.formatting import count, listed, share
from core.affinity.recombined import RecombinedLosses

Array = NDArray[np.float64]

# From here on the page calls two tasks alike.
ALIKE = 0.8
# A mean that moves less from the first to the last depth is called steady.
STEADY = 0.05


def summary(view: AffinityView, sure: Sureness | None) -> list[str]:
    """Return the main findings: the trend over depth, who stays together, who drifts away."""
    said = [_trend(view), *_longest(view, sure)]
    if len(view.tasks) > 2:
        said += _drifting(view, sure)
    return [sentence for sentence in said if sentence]


def marks_sentence(view: AffinityView, sure: Sureness | None, *, drawing: bool = False) -> str:
    """Say what the marks mean, and how many there are."""
    if len(view.tasks) == 2:
        return "One pair has no order to keep, so no cell is marked." if sure else ""
    if drawing:
        return "How sure this is, is being computed: samples are drawn again and again."
    if sure is None:
        return "" if view.evidence.losses is not None else _why_not_sure(view)
    n = int(is_uncertain(view, sure)[:, *np.triu_indices(len(view.tasks), 1)].sum())
    total = len(view.pairs) * view.evidence.n_depths
    if not n:
        return (
            f"No cell is marked: every pair keeps its place in at least {share(SURE)} of {len(sure.draws)} resamples."
        )
    return (
        f"Marked cells ({count(n)} of {count(total)}): this pair keeps its place among the others in fewer than "
        f"{share(SURE)} of {len(sure.draws)} resamples."
    )


def notes(view: AffinityView) -> list[str]:
    """Return what a reader has to know before trusting the figures: holes, and losses that tell nothing apart."""
    said, losses = [], view.evidence.losses
    tasks, holes = view.tasks, np.isnan(view.alike)
    if holes.any():
        depth, i, j = np.argwhere(np.triu(holes))[0].tolist()
        n = int(np.triu(holes).sum())
        said.append(
            f"{n} of {view.evidence.n_depths * len(tasks) * (len(tasks) + 1) // 2} cells "
            f"{'is' if n == 1 else 'are'} not measured, the first after block {depth + 1}: {_pair(tasks, i, j)}. They "
            "are crossed out; a tree needs them all."
        )
    if losses is not None:
        said += _missing_sources(losses)
        said += _equal_losses(losses)
    return said


def _why_not_sure(view: AffinityView) -> str:
    if view.evidence.origin == "features":
        return "How sure this is, is not known: features were compared on one set of pictures."
    return "How sure this is, is not known: the file holds no losses of samples that could be drawn again."


def _trend(view: AffinityView) -> str:
    means = _mean_alike(view.alike)
    known = np.flatnonzero(~np.isnan(means))
    if len(known) == 0:
        return ""
    first, last = int(known[0]), int(known[-1])
    who = "two tasks" if len(view.tasks) > 2 else _pair(view.tasks, 0, 1)
    average = " on average" if len(view.tasks) > 2 else ""
    if first == last:
        return f"After block {first + 1}, {who} are {means[first]:.2f} alike{average}."
    change = means[last] - means[first]
    words = (
        "Depth changes little"
        if abs(change) < STEADY
        else "Sharing gets harder with depth"
        if change < 0
        else "Tasks grow more alike with depth"
    )
    return (
        f"{words}: {who} are {means[first]:.2f} alike{average} after block {first + 1} "
        f"and {means[last]:.2f} after block {last + 1}."
    )


def _longest(view: AffinityView, sure: Sureness | None) -> list[str]:
    """Say which pair stays alike the longest, and how sure it is that it is this one."""
    i, j = view.closest
    values = view.alike[:, i, j]
    if len(view.tasks) == 2 or np.isnan(values).any() or np.isnan(view.alike[-1]).any():
        return []
    pair, through = _pair(view.tasks, i, j), int(np.argmin(np.append(values, -np.inf) >= ALIKE))
    if through == len(values):
        said = f"Closest to the end: {pair}, alike ({ALIKE:g} or more) to the last block"
    elif through:
        about = "about " if sure is not None and _straddles(sure, through - 1, i, j) else ""
        said = f"Closest to the end: {pair}, alike ({ALIKE:g} or more) to {about}block {through}"
    else:
        said = f"Closest to the end: {pair}, though never {ALIKE:g} alike"
    if sure is None:
        return [said + "."]
    first, second = np.triu_indices(len(view.tasks), 1)
    last = sure.draws[:, -1, first, second]
    place = next(n for n, pair_ in enumerate(view.pairs) if pair_ == (i, j))
    kept = float((last.argmax(axis=1) == place).mean())
    if kept >= SURE:
        return [said + "."]
    return [f"{said}; that it is this pair holds in only {share(kept)} of resamples."]


def _drifting(view: AffinityView, sure: Sureness | None) -> list[str]:
    """Say which task is least like the others at the end, and from which block on."""
    others = _mean_of_task(view.alike)
    if np.isnan(others).any():
        return []
    lowest = others.argmin(axis=1)
    task = int(lowest[-1])
    from_block = len(lowest) - int(np.argmin(np.append((lowest == task)[::-1], False)))
    if others[-1].max() - others[-1, task] < STEADY / 2:
        return ["No task stands apart from the others at the end."]
    if from_block == len(lowest) - 1 and len(lowest) > 1:
        where = "only after the last block"
    else:
        where = f"from block {from_block + 1} on" if from_block else "from the first block on"
    said = f"Least like the others {where}: {view.tasks[task]}"
    if sure is None:
        return [said + "."]
    drawn = _mean_of_task(sure.draws[:, -1])
    if np.isnan(drawn).any():
        return [said + "."]
    kept = float((drawn.argmin(axis=1) == task).mean())
    return [said + "." if kept >= SURE else f"{said}, though in only {share(kept)} of resamples."]


def _missing_sources(losses: RecombinedLosses) -> list[str]:
    missing = ~losses.measured.any(axis=0)
    if not missing.any():
        return []
    depth, target, source = np.argwhere(missing)[0].tolist()
    n = int(missing.sum())
    return [
        f"{n} recombined network{' is' if n == 1 else 's are'} missing, the first after block {depth + 1}: "
        f"{losses.tasks[target]} on the features of {losses.tasks[source]}. Without it the tournament of "
        f"{losses.tasks[target]} can't be held there."
    ]


def _equal_losses(losses: RecombinedLosses) -> list[str]:
    # Missing losses are passed over; where all are, nothing is lower than anything.
    low, high = np.fmin.reduce(losses.values, axis=3), np.fmax.reduce(losses.values, axis=3)
    # Of every depth and target: whether on each sample all sources give the same loss.
    equal = (~(low < high)).all(axis=-1).all(axis=0) & losses.measured.any(axis=(0, 3))
    if equal.all():
        return ["All encoders give the same loss on every sample, so nothing can be told apart: all tasks look alike."]
    if not equal.any():
        return []
    depth, target = np.argwhere(equal)[0].tolist()
    n = int(equal.sum())
    return [
        f"In {n} of {equal.size} tournaments all encoders give the same loss on every sample, so these tell nothing "
        f"apart; the first is that of {losses.tasks[target]} after block {depth + 1}."
    ]


def _straddles(sure: Sureness, depth: int, i: int, j: int) -> bool:
    return bool(sure.certainty.low[depth, i, j] < ALIKE)


def _mean_alike(alike: Array) -> Array:
    """Return the mean over pairs at every depth; NaN where a cell is missing."""
    first, second = np.triu_indices(alike.shape[1], 1)
    return np.asarray(alike[:, first, second].mean(axis=1))


def _mean_of_task(alike: NDArray[np.floating]) -> Array:
    """Return how alike each task is to the others on average, ``[…, n_tasks]``."""
    n = alike.shape[-1]
    return np.asarray((alike.sum(axis=-1) - np.einsum("...tt->...t", alike)) / (n - 1))


def _pair(tasks: tuple[str, ...], i: int, j: int) -> str:
    return f"{tasks[i]} with itself" if i == j else listed([tasks[i], tasks[j]])
