"""The main findings of an affinity tensor in a few sentences, with their confidence."""

import numpy as np
from numpy.typing import NDArray

from app.affinity.model import SURE, AffinityView, Sureness, is_one_seed, is_uncertain
from app.ui.formatting import count, listed, share
from core.affinity.evidence import Origin
from core.affinity.recombined import RecombinedLosses

Array = NDArray[np.float64]

# From here on two tasks count as having high affinity.
HIGH = 0.8
# A number that is written as 1.00 is not above 1.
ROUNDING = 0.005
# A mean that moves less from the first to the last depth is called steady.
STEADY = 0.05
_OWN_FEATURES = "features of the other task came out better than the task's own"
_BETTER = {Origin.GRADIENTS: "steps of the other task came out as more help than the task's own"}


def summary(view: AffinityView, sure: Sureness | None) -> list[str]:
    """Return the main findings: the trend over depth, the closest pair, the most distant task."""
    said = [_trend(view), *_longest(view, sure)]
    if len(view.tasks) > 2:
        said += _drifting(view, sure)
    said += _beyond_own(view)
    return [sentence for sentence in said if sentence]


def marks_sentence(view: AffinityView, sure: Sureness | None, *, drawing: bool = False) -> str:
    """Return what the marks mean, and how many there are."""
    if len(view.tasks) == 2:
        seeds = " One seed: the interval leaves out how much seeds differ." if is_one_seed(view) else ""
        return f"There is only one pair, so there is no rank to mark.{seeds}" if sure else ""
    if drawing:
        return "Confidence is being computed."
    if sure is None:
        return "" if view.evidence.losses is not None else _why_not_sure(view)
    seeds = " One seed: how much seeds differ is unknown." if is_one_seed(view) else ""
    n = int(is_uncertain(view, sure)[:, *np.triu_indices(len(view.tasks), 1)].sum())
    total = len(view.pairs) * view.evidence.n_depths
    if not n:
        kept = f"at least {share(SURE)} of {len(sure.draws)} resamples"
        return f"No cell is marked: every pair keeps its rank in {kept}.{seeds}"
    return (
        f"Marked cells ({count(n)} of {count(total)}): the pair keeps its rank in fewer than {share(SURE)} of "
        f"{len(sure.draws)} resamples.{seeds}"
    )


def notes(view: AffinityView) -> list[str]:
    """Return the caveats: missing cells, and losses that do not differ."""
    said, losses = [], view.evidence.losses
    tasks, holes = view.tasks, np.isnan(view.normalised)
    if holes.any():
        depth, i, j = np.argwhere(np.triu(holes))[0].tolist()
        n = int(np.triu(holes).sum())
        said.append(
            f"{n} of {view.evidence.n_depths * len(tasks) * (len(tasks) + 1) // 2} cells "
            f"{'is' if n == 1 else 'are'} not measured, the first after block {depth + 1}: {_pair(tasks, i, j)}. They "
            "are crossed out. A tree needs all cells."
        )
    if losses is not None:
        said += _missing_sources(losses)
        said += _equal_losses(losses)
    return said


def _beyond_own(view: AffinityView) -> list[str]:
    """Return how many pairs do better than the tasks' own features, which normalised affinities above 1 mean."""
    first, second = np.triu_indices(len(view.tasks), 1)
    values = view.normalised[:, first, second]
    n = int((values > 1 + ROUNDING).sum())
    if not n:
        return []
    depth, place = np.unravel_index(int(np.nanargmax(values)), values.shape)
    pair = _pair(view.tasks, *view.pairs[int(place)])
    return [
        f"{count(n)} of {count(values.size)} affinities {'is' if n == 1 else 'are'} above 1, the highest "
        f"{values.max(where=~np.isnan(values), initial=1.0):.2f} ({pair}, after block {int(depth) + 1}). There the "
        f"{_BETTER.get(view.evidence.origin, _OWN_FEATURES)}; where an interval includes 1, noise can't tell. The "
        "colour scale ends at 1."
    ]


def _why_not_sure(view: AffinityView) -> str:
    if view.evidence.effects is not None:
        return "Confidence unknown: one seed says nothing about how much seeds differ."
    if view.evidence.origin is Origin.FEATURES:
        return "Confidence unknown: features were compared on one set of images."
    return "Confidence unknown: the file has no losses per sample."


def _trend(view: AffinityView) -> str:
    means = _mean_affinity(view.normalised)
    known = np.flatnonzero(~np.isnan(means))
    if len(known) == 0:
        return ""
    first, last = int(known[0]), int(known[-1])
    who = "mean affinity" if len(view.tasks) > 2 else f"affinity of {_pair(view.tasks, 0, 1)}"
    if first == last:
        return f"After block {first + 1}: {who} {means[first]:.2f}."
    change = means[last] - means[first]
    words = (
        "Affinity changes little with depth"
        if abs(change) < STEADY
        else "Affinity falls with depth"
        if change < 0
        else "Affinity rises with depth"
    )
    return f"{words}: {who} {means[first]:.2f} after block {first + 1}, {means[last]:.2f} after block {last + 1}."


def _longest(view: AffinityView, sure: Sureness | None) -> list[str]:
    """Return the pair with the highest affinity after the last block, and the confidence in it."""
    i, j = view.closest(-1)
    values = view.normalised[:, i, j]
    if len(view.tasks) == 2 or np.isnan(values).any() or np.isnan(view.normalised[-1]).any():
        return []
    pair, through = _pair(view.tasks, i, j), int(np.argmin(np.append(values, -np.inf) >= HIGH))
    said = f"Closest pair after block {len(values)}: {pair}, affinity {values[-1]:.2f}"
    if through == len(values):
        said += f"; {HIGH:g} or more after every block"
    elif through:
        about = "about " if sure is not None and _straddles(sure, through - 1, i, j) else ""
        said += f"; {HIGH:g} or more up to {about}block {through}"
    else:
        said += f"; below {HIGH:g} after block 1 already"
    if sure is None:
        return [said + "."]
    first, second = np.triu_indices(len(view.tasks), 1)
    last = sure.draws[:, -1, first, second]
    place = next(n for n, pair_ in enumerate(view.pairs) if pair_ == (i, j))
    kept = float((last.argmax(axis=1) == place).mean())
    if kept >= SURE:
        return [said + "."]
    return [f"{said} (closest in only {share(kept)} of resamples)."]


def _drifting(view: AffinityView, sure: Sureness | None) -> list[str]:
    """Return the task with the lowest mean affinity after the last block, and from which block on."""
    others = _mean_of_task(view.normalised)
    if np.isnan(others).any():
        return []
    lowest = others.argmin(axis=1)
    task = int(lowest[-1])
    from_block = len(lowest) - int(np.argmin(np.append((lowest == task)[::-1], False)))
    if others[-1].max() - others[-1, task] < STEADY / 2:
        return ["After the last block all tasks have about the same mean affinity to the others."]
    if from_block == len(lowest) - 1 and len(lowest) > 1:
        where = "only after the last block"
    else:
        where = f"from block {from_block + 1} on" if from_block else "from the first block on"
    said = f"Lowest mean affinity to the others {where}: {view.tasks[task]}"
    if sure is None:
        return [said + "."]
    drawn = _mean_of_task(sure.draws[:, -1])
    if np.isnan(drawn).any():
        return [said + "."]
    kept = float((drawn.argmin(axis=1) == task).mean())
    return [said + "." if kept >= SURE else f"{said} (in only {share(kept)} of resamples)."]


def _missing_sources(losses: RecombinedLosses) -> list[str]:
    missing = ~losses.measured.any(axis=0)
    if not missing.any():
        return []
    depth, target, source = np.argwhere(missing)[0].tolist()
    n = int(missing.sum())
    return [
        f"{n} recombined network{' is' if n == 1 else 's are'} missing, the first after block {depth + 1}: "
        f"{losses.tasks[target]} on the features of {losses.tasks[source]}. Without it the tournament of "
        f"{losses.tasks[target]} can't be computed there."
    ]


def _equal_losses(losses: RecombinedLosses) -> list[str]:
    # Missing losses are passed over; where all are, nothing is lower than anything.
    low, high = np.fmin.reduce(losses.values, axis=3), np.fmax.reduce(losses.values, axis=3)
    # Of every depth and target: whether on each sample all sources give the same loss.
    equal = (~(low < high)).all(axis=-1).all(axis=0) & losses.measured.any(axis=(0, 3))
    if equal.all():
        return [
            "All encoders give the same loss on every sample, so all affinities are equal and carry no information."
        ]
    if not equal.any():
        return []
    depth, target = np.argwhere(equal)[0].tolist()
    n = int(equal.sum())
    return [
        f"In {n} of {equal.size} tournaments all encoders give the same loss on every sample, so these carry no "
        f"information; the first is that of {losses.tasks[target]} after block {depth + 1}."
    ]


def _straddles(sure: Sureness, depth: int, i: int, j: int) -> bool:
    return bool(sure.certainty.low[depth, i, j] < HIGH)


def _mean_affinity(affinity: Array) -> Array:
    """Return the mean over pairs at every depth; NaN where a cell is missing."""
    first, second = np.triu_indices(affinity.shape[1], 1)
    return np.asarray(affinity[:, first, second].mean(axis=1))


def _mean_of_task(affinity: NDArray[np.floating]) -> Array:
    """Return the mean affinity of each task to the others, ``[…, n_tasks]``."""
    n = affinity.shape[-1]
    return np.asarray((affinity.sum(axis=-1) - np.einsum("...tt->...t", affinity)) / (n - 1))


def _pair(tasks: tuple[str, ...], i: int, j: int) -> str:
    return f"{tasks[i]} with itself" if i == j else listed([tasks[i], tasks[j]])
