"""Task weights of the ranking score: how far each task's predictions are to be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from core.errors import TableError
from core.estimators.holes import fill_holes
from core.estimators.sheet import shown
from core.estimators.two_task import Array, TwoTaskTable
from core.plain_number import plain_number

ORDER = 3  # numbers per row of the embedding of a sequence
NEARLY_ALL: Final = 0.9
NEARLY_NONE: Final = 0.1  # of an equal share
_NEGLIGIBLE = 1e-9
_NAMED = 4


class WeightRule(StrEnum):
    """Where the weights of the tasks come from."""

    SVDE = "svde"
    UNIFORM = "uniform"
    PAPER = "paper"
    EXPLICIT = "explicit"


@dataclass(frozen=True, slots=True, eq=False)
class TaskWeights:
    """One weight per task, summing to one.

    Args:
        rule: Where they come from.
        values: ``[n_tasks]``, zero or more, sum 1.
        note: What a person should know about them, such as a fallback; empty otherwise.

    Raises:
        TableError: A weight is negative or not finite, or they don't sum to one.
    """

    rule: WeightRule
    values: Array
    note: str = ""

    def __post_init__(self) -> None:
        if not np.isfinite(self.values).all() or (self.values < 0).any() or abs(self.values.sum() - 1.0) > 1e-6:
            raise TableError(f"Weights should be zero or more and sum to one. Found {self.values.tolist()}.")


def parse_weights(text: str, n_tasks: int) -> WeightRule | TaskWeights:
    """Return the rule a text names, or the explicit weights it lists.

    Explicit weights are divided by their sum, so that scores of all rules are weighted means
    of Δ and can be compared.

    Args:
        text: ``svde``, ``uniform``, ``paper`` or one number per task as in ``1,2,0.5``.
        n_tasks: Number of tasks.

    Raises:
        TableError: The text is neither; the numbers are too few, too many, negative or all zero.

    >>> parse_weights("1,2,1", 3).values.tolist()
    [0.25, 0.5, 0.25]
    """
    word = text.strip().lower()
    if word in (WeightRule.SVDE, WeightRule.UNIFORM, WeightRule.PAPER):
        return WeightRule(word)
    try:
        numbers = np.array([plain_number(part) for part in word.split(",")])
    except ValueError:
        raise TableError(
            f'Weights "{text[:60]}" are not known. Write svde, uniform, paper or one number per task, as in 1,2,1.'
        ) from None
    return explicit_weights(numbers, n_tasks)


def explicit_weights(numbers: Array, n_tasks: int) -> TaskWeights:
    """Return weights proportional to ``numbers``, ``[n_tasks]``.

    Raises:
        TableError: There are too few or too many, one is negative or not finite, or all are zero.
    """
    if len(numbers) != n_tasks:
        raise TableError(f"Weights should be {n_tasks}, one per task. Found {len(numbers)}.")
    bad = ~np.isfinite(numbers) | (numbers < 0)
    if bad.any():
        place = int(np.argmax(bad))
        raise TableError(f"Weight {place} is {numbers[place]:g}. Weights should be zero or more, and finite.")
    largest = numbers.max()
    if largest <= 0:
        raise TableError("All weights are zero, so every layout would score the same. Give one task a positive weight.")
    # Scaling first keeps the sum of very large or very small numbers finite and above zero.
    scaled = numbers / largest
    return TaskWeights(WeightRule.EXPLICIT, scaled / scaled.sum())


def task_weights(table: TwoTaskTable, rule: WeightRule | TaskWeights | str = WeightRule.SVDE) -> TaskWeights:
    """Return the weights of a rule for a table, holes filled first.

    Args:
        table: The two-task results.
        rule: A rule, its name, explicit numbers as text, or weights made before.

    Raises:
        TableError: The text is no rule, or explicit weights are for other tasks.
    """
    if isinstance(rule, str) and not isinstance(rule, WeightRule):
        rule = parse_weights(rule, table.n_tasks)
    if isinstance(rule, TaskWeights):
        if len(rule.values) != table.n_tasks:
            raise TableError(f"{len(rule.values)} weights were given for {table.n_tasks} tasks. Give one per task.")
        return rule
    values = fill_holes(table).values
    weights = weights_of(values, rule)
    note = _note(rule, weights[1])
    if not note and table.holes.any() and rule is not WeightRule.UNIFORM:
        note = (
            "Some cells of the two-task table are not measured; the weights were computed with interpolated values in "
            "their place, and change when these are measured."
        )
    return TaskWeights(rule, weights[0], note)


def weight_warnings(tasks: Sequence[str], weights: TaskWeights) -> tuple[str, ...]:
    """Return what has to be said before a score whose rule leaves nearly all the weight to one task, or none to some.

    Nearly all is nine tenths; nearly none a tenth of an equal share. Explicit weights are what somebody wants.

    Args:
        tasks: Their names.
        weights: Of the score.

    >>> weight_warnings(("a", "b", "c"), TaskWeights(WeightRule.SVDE, np.array([0.007, 0.731, 0.262])))
    ('The score hardly counts a (0.7 % of the weight). Look at the gain of each task, or choose equal weights.',)
    """
    values = weights.values
    if weights.rule is WeightRule.EXPLICIT:
        return ()
    if len(values) > 1 and values.max() >= NEARLY_ALL:
        place = int(np.argmax(values))
        said = f"is nearly that of {shown(tasks[place], 100)} alone ({100 * values[place]:.1f} % of the weight)"
    else:
        few = np.flatnonzero(values < NEARLY_NONE / len(values))
        if not len(few):
            return ()
        named = [f"{shown(tasks[place], 60)} ({100 * values[place]:.1f} % of the weight)" for place in few[:_NAMED]]
        rest = len(few) - len(named)
        said = f"hardly counts {', '.join(named)}{f' and {rest} more' if rest else ''}"
    return (f"The score {said}. Look at the gain of each task, or choose equal weights.",)


def weights_of(values: Array, rule: WeightRule) -> tuple[Array, bool]:
    """Return the weights of one table or of many, and whether any of them fell back to uniform.

    ``svde``: w_i = 1 − mean over partners j of the entropy of P[i, j, 1…B] divided by log2 3;
    regular tasks count more. ``paper``: w_i = mean over j of minus the entropy of P[i, j, 0…B],
    literally; all are negative, so dividing by their sum turns the order round and irregular
    tasks count more. Both are divided by their sum. ``svde`` needs at least 4 blocks, since
    shorter sequences embed to one row, whose entropy is 0. Where all vanish, all are equal.

    Args:
        values: ``[..., n_tasks, n_tasks, n_blocks + 1]``, without holes.
        rule: ``svde``, ``uniform`` or ``paper``.

    Raises:
        TableError: A value is a hole, or the rule is ``explicit``.

    Reference:
        A Tree-Structured Multi-Task Model Recommender, Eqs. 1 and 2.
    """
    n_tasks, n_blocks = values.shape[-2], values.shape[-1] - 1
    uniform = np.full(values.shape[:-2], 1.0 / n_tasks)
    if rule is WeightRule.UNIFORM:
        return uniform, False
    if rule is WeightRule.EXPLICIT:
        raise TableError("Explicit weights need their numbers. Write them as in 1,2,1.")
    off = ~np.eye(n_tasks, dtype=bool)
    sequences = values[..., off, :].reshape(*values.shape[:-3], n_tasks, n_tasks - 1, n_blocks + 1)
    if np.isnan(sequences[..., 1:]).any():
        raise TableError("Weights need a complete table. Fill its holes first.")
    if rule is WeightRule.SVDE:
        if n_blocks < ORDER + 1:
            return uniform, True
        raw = 1.0 - svd_entropy(sequences[..., 1:]).mean(axis=-1) / np.log2(ORDER)
        raw = np.maximum(raw, 0.0)
    else:
        sequences = np.concatenate([np.zeros_like(sequences[..., :1]), sequences[..., 1:]], axis=-1)
        # Minus by minus: the signs of Eq. 1 and of its sum cancel.
        raw = svd_entropy(sequences).mean(axis=-1)
    raw = np.where(raw < _NEGLIGIBLE, 0.0, raw)
    total = raw.sum(axis=-1, keepdims=True)
    vanished = total <= 0.0
    weights: Array = np.where(vanished, uniform, raw / np.where(vanished, 1.0, total))
    return weights, bool(vanished.any())


def svd_entropy(sequences: Array) -> Array:
    """Return the SVD entropy of each sequence in bits, from 0 (regular) to log2 3; leading axes are kept.

    The rows [x_t, x_t+1, x_t+2] make a matrix; its singular values, divided by their sum, are
    taken as probabilities. A constant sequence has rank one and entropy 0, zeros included; so
    has one of fewer than 4 numbers.

    Args:
        sequences: ``[..., length]``.

    Reference:
        Li et al. 2008, Analysis of heart rate variability based on singular value decomposition
        entropy; order 3, delay 1.

    >>> svd_entropy(np.array([2.0, 2.0, 2.0, 2.0, 2.0])).round(9).item()
    0.0
    """
    if sequences.shape[-1] < ORDER + 1:
        return np.zeros(sequences.shape[:-1])
    # Entropy knows no scale; dividing first keeps tiny and huge values from losing digits.
    largest = np.abs(sequences).max(axis=-1, keepdims=True)
    scaled = sequences / np.where(largest > 0, largest, 1.0)
    rows = np.lib.stride_tricks.sliding_window_view(scaled, ORDER, axis=-1)
    singular = np.linalg.svd(rows, compute_uv=False)
    total = singular.sum(axis=-1, keepdims=True)
    share = singular / np.where(total > 0, total, 1.0)
    logs = np.log2(np.where(share > 0, share, 1.0))
    result: Array = np.maximum(-(share * logs).sum(axis=-1), 0.0)
    return result


def _note(rule: WeightRule, fell_back: bool) -> str:
    if not fell_back:
        return ""
    if rule is WeightRule.SVDE:
        return "All tasks weigh the same: the entropy says nothing about fewer than 4 blocks, or leaves no weight."
    return "All tasks weigh the same: every sequence is perfectly regular, so the printed weights are all zero."
