"""Compared families as a document and as lines."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.command.output import aligned
from app.command.show_points import QUESTIONS
from app.compare.family_marks import family_words
from app.ui.formatting import budget_share, cost_share, plural, share
from core.costs import Unit
from core.plane.comparison import BestWithin, Comparison, Priced


def compared_document(
    found: Comparison, missing: Mapping[str, str], limit: float | None, against: Mapping[str, str]
) -> dict[str, Any]:
    """Return what `branchwise compare` says, for JSON.

    Args:
        found: Measured networks at one question of cost.
        missing: Family → why none of its networks is there.
        limit: The budget in the unit of the costs; None for none.
        against: Family → what its gains are measured against, where that is not the study's single-task networks.
    """
    best = found.within(float("inf") if limit is None else limit)
    return {
        "question": found.question.value,
        "unit": found.unit.value,
        "split": "test",
        "task": found.gains.task,
        "independent": found.independent,
        "budget": limit,
        "networks": [_network(each, found) for each in found.networks],
        "front": [_name(each) for each in found.front],
        "missing": dict(missing),
        "against": {name: what for name, what in against.items() if name in found.families},
        "best": None if best is None else _best(best, found),
        "areas": {
            family or "all": {
                "area": area.area,
                "interval": None if area.interval is None else list(area.interval),
                "reference_gain": area.reference_gain,
                "networks": area.n_networks,
            }
            for family, area in found.hypervolumes().items()
        },
        "when": {
            str(percent_): None if each is None else _best(each, found) for percent_, each in found.by_percent().items()
        },
    }


def compared_lines(
    found: Comparison, missing: Mapping[str, str], limit: float | None, against: Mapping[str, str]
) -> list[str]:
    """Return the same as lines for people."""
    gain = "mean over tasks" if found.gains.task is None else f'of the task "{found.gains.task}"'
    head = (
        f"Cost: {QUESTIONS[found.question]}, in {_unit(found)}, heads apart. Gain Δ {gain}, test split, against "
        f"single-task networks, which cost {amount(found.independent, found.unit)} (100 %)."
    )
    best = found.within(float("inf") if limit is None else limit)
    return [
        head,
        *(
            f"Gains of {family_words(name)} are against {what}."
            for name, what in against.items()
            if name in found.families
        ),
        *(
            f"Not compared: {_names(name for name, why in missing.items() if why == reason)} ({reason})."
            for reason in dict.fromkeys(missing.values())
        ),
        "",
        *_answer(best, found, limit),
        "",
        "Networks on the joint Pareto front, with the probability to be there:",
        _front_table(found),
        "",
        "Family that most likely has the best network within a budget. Recommended is the cheapest network, of any "
        "family, that noise can't tell from the one with the largest mean gain:",
        _when_table(found),
        "",
        "Area under the front of each family (mean over all budgets of the gain above "
        f"{_gain(found.hypervolumes()[None].reference_gain)}; 90 % interval):",
        _area_table(found),
    ]


def _answer(best: BestWithin | None, found: Comparison, limit: float | None) -> list[str]:
    within = "" if limit is None else f" within {amount(limit, found.unit)} ({budget_share(limit / found.independent)})"
    if best is None:
        cheapest = found.networks[0]
        return [f"No measured network is{within}. The cheapest is {_words(cheapest)}, {_cost(cheapest, found)}."]
    lines = [f"Best{within}: {_words(best.best)}, {_cost(best.best, found)}, {_gain(best.best.score)}."]
    if best.certainty is None:
        lines.append("It has one seed, so nothing says how sure that is. Train it from more seeds.")
    else:
        lines.append(_families(best))
        if best.alike:
            lines.append(f"Within noise of {family_words(best.family)}: {_names(best.alike)}.")
    if best.unknown and best.certainty is not None:
        lines.append(f"Without a probability, because of one seed: {_names(best.unknown)}.")
    if best.is_cheaper:
        lines.append(
            f"Recommended: {_words(best.advised)}, {_cost(best.advised, found)}, {_gain(best.advised.score)}: the "
            "cheapest that noise can't tell from the best."
        )
        apart = found.difference(best.advised, best.best)
        if apart.interval is not None:
            low, high = apart.interval
            lines.append(
                f"It gains {_signed(apart.mean)} points against the best (90 % interval {_signed(low)} to "
                f"{_signed(high)}); where that is much, train more seeds."
            )
    if best.advised.score < 0:
        lines.append(f"It lost against single-task networks. {_first_gain(found)}")
    if best.probability is not None and best.near is not None:
        lines.append(
            f"The recommended network is the best with a probability of {share(best.probability)}, and at most 0.2 "
            f"points below it with {share(best.near)}."
        )
    return lines


def _first_gain(found: Comparison) -> str:
    known = found.cheapest_gain
    if known is None:
        return "So did all others here."
    return f"The cheapest that did not is {_words(known)}, {_cost(known, found)}, {_gain(known.score)}."


def _names(families: Iterable[str]) -> str:
    return ", ".join(map(family_words, families))


def _families(best: BestWithin) -> str:
    if best.is_only_family:
        return f"No other family than {family_words(best.family)} has a network within the budget."
    chances = ", ".join(f"{family_words(name)} {share(chance)}" for name, chance in best.by_family.items())
    return f"Probability that the best network is of a family: {chances}."


def _front_table(found: Comparison) -> str:
    rows = []
    for each in found.front:
        chance = found.front_probability(each)
        interval = found.interval(each)
        rows.append(
            [
                amount(each.cost, found.unit),
                cost_share(each.cost / found.independent),
                _gain(each.score),
                "one seed" if interval is None else f"{_signed(interval[0])} to {_gain(interval[1])}",
                "–" if chance is None else share(chance),
                family_words(each.point.family),
                each.point.label,
            ]
        )
    return aligned(["cost", "share", "Δ", "90 % interval", "on front", "family", "network"], rows, left=[5, 6])


def _when_table(found: Comparison) -> str:
    rows = []
    for percent_, best in found.by_percent().items():
        if best is None:
            rows.append([f"{percent_} %", "none fits", "", "", ""])
            continue
        certainty = "one seed" if best.certainty is None else share(best.certainty)
        if best.is_only_family:
            certainty = "the only one"
        rows.append([f"{percent_} %", family_words(best.family), certainty, _names(best.alike), _words(best.advised)])
    return aligned(["budget", "family", "probability", "within noise", "recommended"], rows, left=[1, 3, 4])


def _area_table(found: Comparison) -> str:
    rows = [
        [
            family_words(family) if family else "all",
            f"{area.area:.1f}",
            "one seed" if area.interval is None else f"{area.interval[0]:.1f} to {area.interval[1]:.1f}",
            plural(area.n_networks, "network"),
        ]
        for family, area in found.hypervolumes().items()
    ]
    return aligned(["family", "area", "90 % interval", "of"], rows, left=[0, 3])


def _network(each: Priced, found: Comparison) -> dict[str, Any]:
    interval = found.interval(each)
    return {
        **_name(each),
        "cost": each.cost,
        "share": each.cost / found.independent,
        "gain": each.score,
        "interval": None if interval is None else list(interval),
        "seeds": each.point.n_seeds,
        "gains": list(each.point.gains),
        "seed_gains": {str(seed): list(gains) for seed, gains in each.point.seed_gains.items()},
        "front_probability": found.front_probability(each),
    }


def _best(best: BestWithin, found: Comparison) -> dict[str, Any]:
    return {
        "family": best.family,
        "certainty": best.certainty,
        "by_family": dict(best.by_family),
        "within_noise": list(best.alike),
        "one_seed": list(best.unknown),
        "best": _network(best.best, found),
        "recommended": _network(best.advised, found),
        "probability": best.probability,
        "near": best.near,
    }


def _name(each: Priced) -> dict[str, str]:
    return {"family": each.point.family, "label": each.point.label}


def _words(each: Priced) -> str:
    name = family_words(each.point.family)
    return name if each.point.family == "single" else f"{name}, {each.point.label}"


def _cost(each: Priced, found: Comparison) -> str:
    unit = "" if found.unit is Unit.LATENCY else f" {found.unit.value}"
    return f"{amount(each.cost, found.unit)}{unit} ({cost_share(each.cost / found.independent)})"


def _unit(found: Comparison) -> str:
    return "milliseconds" if found.unit is Unit.LATENCY else found.unit.value


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


def _gain(value: float) -> str:
    return f"{_signed(value)} %"


def amount(cost: float, unit: Unit) -> str:
    """Return a cost with thousands separators; what is small with four digits, and seconds as milliseconds.

    >>> amount(45499.32, Unit.MACS), amount(0.0012345, Unit.LATENCY)
    ('45,499', '1.234 ms')
    """
    if unit is Unit.LATENCY:
        return f"{amount(1000 * cost, Unit.MACS)} ms"
    return f"{cost:,.0f}" if cost >= 1000 else f"{cost:.4g}"
