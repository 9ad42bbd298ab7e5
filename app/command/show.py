"""``branchwise show``: what a study measured, and what it recommends."""

from pathlib import Path
from typing import Any, Final

import click

from app.command.output import json_option, say, write_json
from app.command.place import database, home_option
from app.command.show_layouts import LayoutAnswer, layouts_document, layouts_lines
from app.command.show_points import FamilyPoints, asked_of, points_document, points_lines
from core.costs import CostQuestion, Unit
from core.errors import BudgetError, StudyError
from core.estimators.basis import usual_estimator
from core.estimators.prediction import Estimator
from core.families.layouts.predictions import available_units
from core.families.single.points import FAMILY as SINGLE
from core.selection.budget import USUAL_PERCENT
from core.studies.bundled import stored_or_bundled
from core.studies.family import families
from core.studies.measured import LayoutResults
from core.studies.study import Study

LAYOUTS: Final = "layouts"


@click.command()
@click.argument("study")
@click.option("--family", metavar="NAME", help="Family of networks; what the study measured first by default.")
@click.option("--unit", type=click.Choice([unit.value for unit in Unit]), help="Unit of cost.")
@click.option(
    "--budget",
    metavar="N|3x|60%",
    help=f"Maximum cost, as `branchwise recommend` has it; {USUAL_PERCENT}% for layouts by default, as on pages.",
)
@click.option(
    "--weights",
    type=click.Choice(["svde", "uniform", "paper"]),
    help="How tasks are weighted in the score of layouts; svde by default.",
)
@click.option(
    "--estimator",
    type=click.Choice([each.value for each in Estimator]),
    help="How gains of layouts are predicted: as the paper does, block by block, or so from a posterior (the default).",
)
@click.option(
    "--question",
    type=click.Choice([question.value for question in CostQuestion]),
    help="Which question a cost answers, for other families than layouts.",
)
@home_option
@json_option
def show(
    study: str,
    family: str | None,
    unit: str | None,
    budget: str | None,
    weights: str | None,
    estimator: str | None,
    question: str | None,
    home: Path | None,
    as_json: bool,
) -> None:
    """Print the recommendation of STUDY, a stored or bundled one, as the dashboard shows it.

    Of layouts these are the recommended one within the budget with its reasons, the Pareto front, and how sure it is.
    Of other families these are the trained networks with their cost and their gain on the test split. What was not
    measured has no number; the answer then says what to train.
    """
    found = stored_or_bundled(database(home), study)
    measured = measured_families(found)
    chosen = _family(family, found, measured)
    warnings = found.warnings
    document: dict[str, Any] = {
        "study": found.name,
        "title": found.title,
        "tasks": list(found.task_names),
        "family": chosen,
        "families": measured,
        "warnings": list(warnings),
    }
    if chosen == LAYOUTS:
        if question is not None:
            raise BudgetError(
                "--question is for other families: the cost of a layout is that of its blocks. Leave it out."
            )
        predicted = Estimator(estimator) if estimator else usual_estimator(found.table)
        answer = LayoutAnswer(found, _unit(unit, found), budget, weights or "svde", predicted)
        details, lines = layouts_document(answer), layouts_lines(answer)
    else:
        if weights is not None:
            raise BudgetError("--weights is for layouts: other families take the mean over tasks. Leave it out.")
        if estimator is not None:
            raise BudgetError("--estimator is for layouts: networks of other families are measured. Leave it out.")
        asked, known = asked_of(found, chosen, question, unit)
        points = FamilyPoints(found, chosen, asked, known, budget)
        details, lines = points_document(points), points_lines(points)
    if as_json:
        write_json(document | details)
        return
    say(f"{found.title} ({found.name}): {', '.join(found.task_names)}\n")
    for warning in warnings:
        say(f"Warning: {warning}\n")
    say("\n".join(lines))
    others = [name for name in measured if name != chosen]
    if others:
        say(f"\nIt measured other families, too: {', '.join(f'--family {name}' for name in others)}.")


def measured_families(study: Study) -> list[str]:
    """Return the names of the families that have a point of cost and gain, layouts first."""
    found = []
    for family in families():
        if family.name == SINGLE:
            # What gains are measured against gains 0 by definition.
            continue
        if family.name == LAYOUTS:
            measured = study.result(LayoutResults) is not None and study.table.is_measured
        else:
            measured = any(
                family.points(study, question, unit) for question in CostQuestion for unit in question.units[:1]
            )
        if measured:
            found.append(family.name)
    return found


def _family(wanted: str | None, study: Study, measured: list[str]) -> str:
    if wanted is None:
        return measured[0] if measured else LAYOUTS
    known = [family.name for family in families()]
    if wanted not in known:
        raise StudyError(f'There is no family "{wanted[:60]}". Choose from: {", ".join(known)}.')
    if wanted not in measured and wanted != LAYOUTS:
        have = f"It has: {', '.join(measured)}" if measured else "Nothing is measured yet: branchwise run trains it"
        raise StudyError(f'The study "{study.name}" has no trained network of the family "{wanted}". {have}.')
    return wanted


def _unit(unit: str | None, study: Study) -> Unit:
    known = available_units(study)
    if unit is None:
        return known[0]
    if Unit(unit) not in known:
        raise BudgetError(
            f'The backbone of "{study.name}" has no {unit} of its blocks. Choose from: {", ".join(known)}.'
        )
    return Unit(unit)
