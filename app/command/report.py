"""``branchwise report``: a study as one file to read, print and hand on."""

from pathlib import Path

import click

from app.command.output import json_option, say, write_json
from app.command.place import database, home_option
from core.costs import Unit
from core.errors import StudyError
from core.estimators.prediction import Estimator
from core.estimators.weights import WeightRule
from core.studies.home import write_whole

HTML, PDF = ".html", ".pdf"


@click.command()
@click.argument("study")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--budget", metavar="N|3x|60%", help="Budget of the recommendation; 60 % by default, as on pages.")
@click.option("--unit", type=click.Choice([unit.value for unit in Unit]), help="Unit of cost.")
@click.option(
    "--weights",
    type=click.Choice(["svde", "uniform", "paper"]),
    default="svde",
    show_default=True,
    help="How tasks are weighted in the score of layouts.",
)
@click.option(
    "--estimator",
    type=click.Choice([each.value for each in Estimator]),
    help="How gains of layouts are predicted; as pages do by default.",
)
@click.option("--pdf", is_flag=True, help="Write a PDF, whatever the name of the file ends with.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@home_option
@json_option
def report(
    study: str,
    file: Path,
    budget: str | None,
    unit: str | None,
    weights: str,
    estimator: str | None,
    pdf: bool,
    force: bool,
    home: Path | None,
    as_json: bool,
) -> None:
    """Write STUDY, a stored or bundled one, as a document: FILE.html or FILE.pdf.

    It says which question the study answers, shows its data, what is recommended and why, every budget, what was
    measured, what to doubt, and the commands that make it again. The HTML file opens offline, and the budget line in
    it can be dragged. What was not measured has no number; the report then says what to train.
    """
    kind = PDF if pdf else file.suffix.lower()
    if kind not in (HTML, PDF):
        raise StudyError(f'A report is an HTML or a PDF file. Found "{file.name}": end its name with {HTML} or {PDF}.')
    _check_place(file, force=force)
    content = _content(study, home, kind, budget, unit, weights, estimator)
    write_whole(file.absolute(), content, shared=True)
    if as_json:
        write_json({"study": study, "file": str(file), "format": kind[1:], "bytes": len(content)})
    else:
        say(f'Wrote the report of "{study}" to {file} ({len(content):,} bytes).')


def _check_place(file: Path, *, force: bool) -> None:
    """Check that a report may be written to a place: nothing is there, or a file that may be replaced.

    Raises:
        StudyError: Something else is there, or the name can't be used.
    """
    try:
        there, is_file = file.is_symlink() or file.exists(), file.is_file() and not file.is_symlink()
    except OSError as fault:
        raise StudyError(f"{str(file)[:80]} can't be used as a name: {fault.strerror}. Choose another one.") from None
    if there and not is_file:
        raise StudyError(f"{file} is no regular file, and a report would replace it. Choose another name.")
    if there and not force:
        raise StudyError(f"{file} is there already. Choose another name, or replace it with --force.")


def _content(
    study: str, home: Path | None, kind: str, budget: str | None, unit: str | None, weights: str, estimator: str | None
) -> bytes:
    # Imported here: they take longer than it takes to refuse a bad name.
    from streamlit.logger import set_log_level

    # It says that no server is running; nobody expects one.
    set_log_level("ERROR")
    from app.report.document import study_report
    from app.report.subject import Choices, subject_of

    choices = Choices(
        budget, Unit(unit) if unit else None, WeightRule(weights), Estimator(estimator) if estimator else None
    )
    found = study_report(subject_of(database(home), study, choices))
    if kind == PDF:
        from app.report.pdf import pdf_report

        return pdf_report(found)
    from app.report.html import html_report

    return html_report(found).encode()
