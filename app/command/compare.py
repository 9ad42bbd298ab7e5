"""``branchwise compare``: the networks of all families of a study at one question of cost."""

from pathlib import Path
from typing import Any

import click

from app.command.compared import compared_document, compared_lines
from app.command.output import json_option, say, write_json
from app.command.place import database, home_option
from core.backbones import Backbone
from core.costs import CostQuestion, Unit, block_costs
from core.errors import BudgetError, StudyError
from core.selection.budget import Budget
from core.studies.bundled import stored_or_bundled
from core.studies.latencies import Latencies
from core.studies.study_plane import StudyPlane, check_unit


@click.command()
@click.argument("study")
@click.option(
    "--question",
    type=click.Choice([question.value for question in CostQuestion]),
    help="What a cost is of: everything that is stored; all tasks on one input; one active task; or what is resident "
    "in memory where tasks are used one at a time. Without it stored, or the first that has the --unit.",
)
@click.option(
    "--unit",
    type=click.Choice([unit.value for unit in Unit]),
    help="Unit of cost; the first of the question by default.",
)
@click.option(
    "--budget",
    metavar="N|3x|60%",
    help="Maximum cost: in the unit, in backbones, or in percent of single-task networks.",
)
@click.option("--task", metavar="NAME", help="Compare the gain of one task; the mean over tasks by default.")
@home_option
@json_option
def compare(
    study: str,
    question: str | None,
    unit: str | None,
    budget: str | None,
    task: str | None,
    home: Path | None,
    as_json: bool,
) -> None:
    """Print which family of networks of STUDY is best within a budget, and how sure that is.

    All measured networks stand on one plane: their cost as one question has it, and their gain Δ against single-task
    networks on the test split. Probabilities are those of the expected gain over new seeds. Single-task networks are
    the 100 % of a budget: one for each task, or one alone where one task is active at a time.
    """
    found = stored_or_bundled(database(home), study)
    asked = CostQuestion(question) if question else _question(unit)
    of_unit = Unit(unit) if unit else asked.units[0]
    check_unit(asked, of_unit)
    if task is not None and task not in found.task_names:
        raise StudyError(
            f'The study "{found.name}" has no task "{task[:60]}". Choose from: {", ".join(found.task_names)}.'
        )
    plane = StudyPlane(found)
    comparison = plane.comparison(asked, of_unit, task)
    if comparison is None:
        why = (
            f'The backbone of "{found.name}" has blocks without a measured latency. Choose another --unit'
            if plane.independent(asked, of_unit) is None
            else f'Nothing of "{found.name}" is measured on the test split. Train it with branchwise run'
        )
        raise StudyError(f"{why}.")
    limit = None if budget is None else _limit(budget, comparison.independent, found.backbone, of_unit)
    missing = plane.missing(asked, of_unit)
    if as_json:
        head: dict[str, Any] = {"study": found.name, "title": found.title, "tasks": list(found.task_names)}
        write_json(head | compared_document(comparison, missing, limit, plane.against))
        return
    say(f"{found.title} ({found.name}): {', '.join(found.task_names)}\n")
    if question is None and asked is not CostQuestion.STORED:
        say(f"Costs in {of_unit} are those of the question {asked}; choose another with --question.\n")
    say("\n".join(compared_lines(comparison, missing, limit, plane.against)))
    timed = found.result(Latencies)
    if of_unit is Unit.LATENCY and timed is not None:
        say(f"\n{timed.words}")


def _question(unit: str | None) -> CostQuestion:
    """Return the first question that has answers in a unit; what is stored for none."""
    return next(each for each in CostQuestion if unit is None or Unit(unit) in each.units)


def _limit(budget: str, independent: float, backbone: Backbone, unit: Unit) -> float:
    """Return the budget in the unit of the costs."""
    found = Budget.parse(budget)
    if found.amount == 0:
        raise BudgetError("A budget of 0 allows no network. Write a number above 0, 3x (backbones) or 60%.")
    if found.kind == "independent":
        return found.amount / 100 * independent
    if found.kind == "backbones":
        return found.amount * float(block_costs(backbone, unit).sum())
    return found.amount
