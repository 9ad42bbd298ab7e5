"""How well predictions agree with trained layouts, in words that claim no more than is known."""

from collections.abc import Sequence

from app.ui.formatting import UNIT_WORDS, minus, plural
from core.costs import Unit
from core.estimators.agreement import Agreement, Estimate
from core.estimators.halves import Regret
from core.families.layouts.baselines import Baseline, Method


def estimate_words(found: Estimate) -> str:
    """Return a correlation with its 90 % interval.

    >>> estimate_words(Estimate(0.8, 0.59, 0.87)), estimate_words(Estimate(-0.47)), estimate_words(Estimate(None))
    ('0.80 [0.59, 0.87]', '−0.47', '–')
    """
    if found.value is None:
        return "–"
    ends = "" if found.low is None or found.high is None else f" [{_plain(found.low)}, {_plain(found.high)}]"
    return f"{_plain(found.value)}{ends}"


def regret_words(found: Regret) -> str:
    """Return a regret in percentage points, with its range over halves of the seeds.

    >>> regret_words(Regret(-0.274, -0.72, 0.17)), regret_words(Regret(0.2))
    ('−0.27 (−0.72 to +0.17)', '+0.20')
    """
    ends = "" if found.low is None or found.high is None else f" ({_signed(found.low)} to {_signed(found.high)})"
    return f"{_signed(found.value)}{ends}"


def hyphened(text: str) -> str:
    """Return the same for a terminal or a Markdown table, whose other numbers have hyphens for minus signs."""
    return text.replace("−", "-")


def way_name(way: Baseline) -> str:
    """Return what a way to rank layouts is called on pages."""
    return f"{way.method} ({unit_word(way.unit)})" if way.unit in set(Unit) else way.name


def unit_word(code: str) -> str:
    """Return a unit of cost as it stands within a sentence.

    >>> unit_word("macs"), unit_word("parameters")
    ('MACs', 'parameters')
    """
    word = UNIT_WORDS[Unit(code)]
    return word if word == "MACs" else word.lower()


def how_judged(n_seeds: int) -> str:
    """Return where the best trained layout is chosen and where it is judged, as a clause.

    Args:
        n_seeds: Of the trained layouts.
    """
    if n_seeds == 1:
        return "chosen on the validation split of the one seed and judged on its test split"
    return "chosen on the validation split of half of the seeds and judged on the test split of the others"


def how_regret(found: Agreement) -> str:
    """Return what regret is and how it is judged, as a sentence that follows its name."""
    halves = "; brackets: range over halves" if found.regret.low is not None else ""
    return f"gain lost against the best trained layout, which is {how_judged(found.n_seeds)}{halves}."


def regret_sentence(found: Agreement) -> str:
    """Return what the predicted best loses against the best trained layout, and how that is judged."""
    return (
        f"Regret, in points: {regret_words(found.regret)} for the best prediction, "
        f"{regret_words(found.regret_of_top_five)} for the best of the five best predictions; below 0 the prediction "
        f"chooses better. It is the {how_regret(found)}"
    )


def cheap_sentence(found: Agreement, ways: Sequence[Baseline]) -> str:
    """Return that cost alone orders the layouts about as well; empty where predictions are clearly better.

    Args:
        found: Of the predictions.
        ways: All ways to rank the same layouts.
    """
    ours = found.spearman.weighted
    costs = [
        (way.spearman.weighted.value, unit_word(way.unit))
        for way in ways
        if way.method is Method.LOW_COST and way.spearman is not None and way.spearman.weighted.value is not None
    ]
    if not costs or ours.value is None:
        return ""
    value, unit = max(costs, key=lambda each: abs(each[0]))
    if abs(value) < (ours.value if ours.low is None else ours.low):
        return ""
    return (
        f"{'Low' if value > 0 else 'High'} cost alone ({unit}) orders these layouts about as well, with "
        f"{abs(value):.2f}: what the prediction adds is its correlation within layouts of similar cost."
    )


def others_words(ways: Sequence[Baseline]) -> str:
    """Return the rank correlation of every other way to rank the same layouts, for a sentence.

    Args:
        ways: All ways to rank them, ours first.
    """
    n = max(len(way.places) for way in ways)
    parts = []
    for way in ways[1:]:
        if way.spearman is None or way.spearman.weighted.value is None:
            continue
        value = _plain(way.spearman.weighted.value)
        if way.method is Method.RANDOM:
            chance = way.spearman.weighted.high
            value = f"{value} ± {chance:.2f}"
        few = f" of {plural(len(way.places), 'layout')}" if len(way.places) < n else ""
        parts.append(f"{way_name(way)} {value}{few}")
    return ", ".join(parts)


def _plain(value: float) -> str:
    text = f"{value:.2f}"
    return minus(text) if float(text) else "0.00"


def _signed(value: float) -> str:
    text = f"{value:+.2f}"
    return minus(text if float(text) else "0.00")
