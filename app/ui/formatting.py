"""How numbers, layouts and tasks read on the screen. The one formatter: blocks count from 1 here, from 0 elsewhere."""

import math
import re
from collections.abc import Iterable, Sequence

from core.backbones import Backbone
from core.costs import Unit
from core.estimators import TwoTaskTable
from core.estimators.prediction import Estimator
from core.estimators.weights import WeightRule
from core.plain_text import printable

WEIGHT_WORDS = {
    WeightRule.SVDE: "Entropy weights",
    WeightRule.UNIFORM: "Equal weights",
    WeightRule.PAPER: "As printed (Zhang et al.)",
    WeightRule.EXPLICIT: "Own weights",
}
ESTIMATOR_WORDS = {
    Estimator.PAPER: "Paper (TreeMTL)",
    Estimator.BLOCKWISE: "Blockwise",
    Estimator.BAYES: "Bayes",
}
UNIT_WORDS = {Unit.PARAMETERS: "Parameters", Unit.MACS: "MACs", Unit.BYTES: "Bytes", Unit.LATENCY: "Latency"}
ONE_SEED = "no interval: one seed"
MORE_SEEDS = "Measure the table with more seeds, or upload standard errors."
# Where the screen says already why there are none.
WITHOUT_INTERVALS = "unknown without intervals"
_MOST_DIGITS = 4
# Of a cost that a budget is just below.
_MOST_SHARE_DIGITS = 9
_SCALES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
# From here on three digits show the next scale: 999.5 k is 1 M.
_ROUNDS_UP = 0.9995
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~:$<>&=])")
# Links, emoji, icons and arrows are found in what Markdown has read, when backslashes are gone: a character that
# can't be seen keeps their letters apart.
_JOINER = "\u2060"
_FOUND_LATER = re.compile(
    r"(?<=www)(?=\.)|(?<=:)(?=[\w+/-])|(?=@)|(?<=<)(?=-)|(?<=[-<>~])(?=[-=>])", re.IGNORECASE | re.ASCII
)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def escape(text: str) -> str:
    """Return text that Markdown shows as it is; task and study names are data, not markup."""
    apart = _FOUND_LATER.sub(_JOINER, _INDENT.sub(lambda found: "\u00a0" * len(found[0]), printable(text)))
    return _MARKDOWN.sub(r"\\\1", apart)


def runs_words(n_trainings: int, n_measurements: int) -> str:
    """Return how many of some runs train a network and how many only measure.

    >>> runs_words(18, 1), runs_words(1, 0)
    ('18 trainings and 1 measurement', '1 training')
    """
    parts = [
        f"{count(n)} {what}{'' if n == 1 else 's'}"
        for n, what in ((n_trainings, "training"), (n_measurements, "measurement"))
        if n
    ]
    return " and ".join(parts)


def percent(value: float, digits: int = 1) -> str:
    """Return a signed percentage, the form in which every gain Δ is written.

    A half is rounded away from zero, as every reader does who has one digit more.

    >>> percent(2.345), percent(-0.04), percent(float("nan")), percent(-1.65)
    ('+2.3 %', '0.0 %', '–', '−1.7 %')
    """
    if math.isnan(value):
        return "–"
    text = f"{half_away(value):+.{digits}f}"
    if float(text) == 0:
        text = f"{0:.{digits}f}"
    return f"{minus(text)} %"


def compared(one: float, other: float) -> tuple[str, str, str]:
    """Return two gains and the size of their difference, in points, with digits in which the subtraction is right.

    They have one digit if that is enough: if not, so many that the difference is that of the gains as written, not
    zero where they differ, and that rounding them again gives what :func:`percent` shows elsewhere.

    >>> compared(0.679, 0.548), compared(3.0, 1.0), compared(1.0, 1.0)
    (('+0.679 %', '+0.548 %', '0.131'), ('+3.0 %', '+1.0 %', '2.0'), ('+1.0 %', '+1.0 %', '0.0'))
    """
    digits = next((n for n in range(1, _MOST_DIGITS) if _subtracts(one, other, n)), _MOST_DIGITS)
    apart = abs(_rounded(one, digits) - _rounded(other, digits))
    return percent(one, digits), percent(other, digits), f"{apart:.{digits}f}"


def subtracting_digits(pairs: Iterable[tuple[float, float]], least: int = 1) -> int:
    """Return the fewest digits in which every pair is so written that its difference is that of what is written.

    One more than the least at most: more would say that the seeds know so much. The least where none is right.

    >>> subtracting_digits([(94.06, 90.22)]), subtracting_digits([(91.9, 89.9)]), subtracting_digits([(math.nan, 1)])
    (2, 1, 1)
    """
    known = [pair for pair in pairs if not any(map(math.isnan, pair))]
    tried = (least, least + 1)
    return next((n for n in tried if all(_rounds_alike(one, other, n) for one, other in known)), least)


def _rounds_alike(one: float, other: float, digits: int) -> bool:
    written = _rounded(one, digits) - _rounded(other, digits)
    return f"{written:.{digits}f}" == f"{half_away(one - other):.{digits}f}"


def _subtracts(one: float, other: float, digits: int) -> bool:
    first, second = _rounded(one, digits), _rounded(other, digits)
    apart, real = f"{abs(first - second):.{digits}f}", abs(one - other)
    return (
        apart == f"{half_away(real):.{digits}f}"
        and (float(apart) > 0 or real == 0)
        and all(percent(short) == percent(value) for short, value in ((first, one), (second, other)))
    )


def _rounded(value: float, digits: int) -> float:
    return float(f"{half_away(value):.{digits}f}")


def half_away(value: float) -> float:
    """Return a value that rounds away from zero where it is a half but for rounding errors."""
    return value * (1 + 1e-12)


def minus(text: str) -> str:
    """Return the text of a number with a minus sign instead of a hyphen.

    >>> minus("-0.25"), minus("+1")
    ('−0.25', '+1')
    """
    return text.replace("-", "−")


def share(fraction: float) -> str:
    """Return a fraction as a whole percentage, a half rounded up; one digit more below 10 %.

    >>> share(0.4915), share(0.125), share(0.012), share(0.0)
    ('49 %', '13 %', '1.2 %', '0 %')
    >>> share(0.0625)
    '6.3 %'
    """
    value = 100 * fraction
    # What is a half but for rounding errors is a half.
    return (
        f"{math.floor(value + 0.5 + 1e-9 * abs(value))} %" if value >= 10 or value == 0 else f"{half_away(value):.1f} %"
    )


def cost_share(fraction: float, budget: float = math.inf) -> str:
    """Return a cost as a percentage of single-task networks: with one decimal, or none where it is whole.

    Where it exceeds a budget it has as many decimals as show that. Twin in the browser: `costWords`.

    Args:
        fraction: The cost.
        budget: The budget that it is compared with, a fraction, too.

    >>> cost_share(0.4932), cost_share(0.6), cost_share(0.5004), cost_share(0.74011, 0.74)
    ('49.3 %', '60 %', '50.0 %', '74.01 %')
    """
    value = 100 * fraction
    whole = round(value)
    if abs(value - whole) <= 1e-9 * whole:
        return f"{whole} %"
    exceeds = fraction > budget * (1 + 1e-9)
    written = [f"{half_away(value):.{digits}f}" for digits in range(1, _MOST_SHARE_DIGITS + 1)]
    return f"{next((text for text in written if not exceeds or float(text) > 100 * budget), written[-1])} %"


def budget_share(fraction: float) -> str:
    """Return a budget as a percentage of single-task networks, with the decimals that it has, six digits at most.

    Twin in the browser: ``budgetWords`` of ``runtime/budget.js``.

    >>> budget_share(0.6), budget_share(0.494), budget_share(0.4937), budget_share(0.4665625)
    ('60 %', '49.4 %', '49.37 %', '46.6563 %')
    """
    return f"{half_away(100 * fraction):.6g} %"


def amount(value: float, unit: Unit) -> str:
    """Return a cost with its unit.

    Times are measured, so their zeros are digits, too.

    >>> amount(1_234_567, Unit.PARAMETERS), amount(0.0123, Unit.LATENCY), amount(2048, Unit.BYTES)
    ('1.23 M', '12.3 ms', '2.05 kB')
    >>> amount(0.0001, Unit.LATENCY), amount(0.12, Unit.LATENCY), amount(0.0, Unit.LATENCY)
    ('0.100 ms', '120 ms', '0 ms')
    """
    if unit is Unit.LATENCY:
        return f"{_three_digits(value * 1000)} ms" if value < _ROUNDS_UP else f"{_three_digits(value)} s"
    suffix = "B" if unit is Unit.BYTES else ""
    for scale, letter in _SCALES:
        if abs(value) >= scale * _ROUNDS_UP:
            return f"{value / scale:.3g} {letter}{suffix}".rstrip()
    return f"{value:.4g} {suffix}".rstrip()


def _three_digits(value: float) -> str:
    return f"{value:#.3g}".rstrip(".") if value else "0"


def unit_words(unit: Unit) -> str:
    """Return a unit of cost inside a sentence.

    >>> unit_words(Unit.MACS), unit_words(Unit.PARAMETERS)
    ('MACs', 'parameters')
    """
    return UNIT_WORDS[unit] if unit is Unit.MACS else UNIT_WORDS[unit].lower()


def units_of(backbone: Backbone) -> list[Unit]:
    """Return the units of cost in which a backbone has figures above zero; bytes follow parameters."""
    known = {
        Unit.PARAMETERS: backbone.params > 0,
        Unit.MACS: backbone.macs > 0,
        Unit.LATENCY: bool(backbone.latency),
    }
    return [unit for unit, there in known.items() if there]


def shape_words(shape: Sequence[int]) -> str:
    """Return a shape in words.

    >>> shape_words((64, 56, 56)), shape_words(())
    ('64×56×56', '–')
    """
    return "×".join(map(str, shape)) or "–"


def count(value: int) -> str:
    """Return a whole number with spaces between thousands, in millions, billions or trillions from ten million on.

    >>> count(7556), count(26740775306)
    ('7 556', '26.7 billion')
    """
    if value < 10**7:
        return f"{value:,}".replace(",", " ")
    for scale, word in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        if scale * 1000 * _ROUNDS_UP > value >= scale * _ROUNDS_UP:
            return f"{value / scale:.3g} {word}"
    return f"{value:.2e}"


def exact_count(value: int) -> str:
    """Return a whole number with all its digits, spaces between thousands.

    >>> exact_count(26740775306)
    '26\\xa0740\\xa0775\\xa0306'
    """
    return f"{value:,}".replace(",", "\u00a0")


def power_of_ten(value: int) -> str:
    """Return a very large number by its power of ten.

    >>> power_of_ten(21 * 10**24)
    '2.1 · 10²⁵'
    """
    digits, _, power = f"{value:.1e}".partition("e+")
    return f"{digits} · 10{str(int(power)).translate(_RAISED)}"


def plural(value: int, noun: str) -> str:
    """Return a number with its noun.

    >>> plural(1, "layout"), plural(7556, "seed")
    ('1 layout', '7 556 seeds')
    """
    return f"{count(value)} {noun}{'' if value == 1 else 's'}"


def seconds(value: float) -> str:
    """Return a duration in seconds, minutes or hours."""
    if value < 90:
        return f"{value:.0f} s"
    return f"{value / 60:.0f} min" if value < 5400 else f"{value / 3600:.1f} h"


def listed(names: Sequence[str]) -> str:
    """Return names as a list in a sentence."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def no_interval(table: TwoTaskTable) -> str:
    """Return why the gains predicted from a table have no interval."""
    n_seeds = 0 if table.samples is None else len(table.samples)
    return ONE_SEED if n_seeds == 1 else f"no interval: {'too few common seeds' if n_seeds else 'one value per cell'}"


def number_word(value: int) -> str:
    """Return a small number as a word.

    >>> number_word(3), number_word(40)
    ('three', '40')
    """
    return _NUMBERS[value] if value < len(_NUMBERS) else str(value)
