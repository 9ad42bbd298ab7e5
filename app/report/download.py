"""The report of a study as a download of a page."""

from functools import partial

import streamlit as st

from app.ui import cached
from app.ui.inputs import DEFAULT_TOLERANCE, current_budget, current_estimator, current_weights
from core.costs import Unit
from core.studies.study import Study

_HELP = (
    "This study as one document that opens offline: question, data, recommendation, every budget with a line that can "
    "be dragged, measured results, what to doubt, and the commands that make it again"
)


def report_downloads(study: Study) -> None:
    """Show the downloads of the report with the choices of the page; it is written when one is pressed.

    Args:
        study: The open study.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        for label, ending, mime in (("Report (HTML)", "html", "text/html"), ("Report (PDF)", "pdf", "application/pdf")):
            st.download_button(
                label,
                partial(_written, study.name, ending, _asked(study)),
                file_name=f"{study.name}-report.{ending}",
                mime=mime,
                icon=":material/description:",
                on_click="ignore",
                help=_HELP,
                key=f"report-{ending}",
            )


def _asked(study: Study) -> tuple[float, str | None, str, str | None, float]:
    """Return budget, unit, weights, estimator and tolerance that pages show."""
    state = st.session_state
    unit, tolerance = state.get("unit"), state.get("tolerance")
    return (
        current_budget(),
        unit if isinstance(unit, str) else None,
        str(current_weights()),
        str(current_estimator(study)) if study.shares_inputs else None,
        DEFAULT_TOLERANCE if tolerance is None else float(tolerance),
    )


def _written(name: str, ending: str, asked: tuple[float, str | None, str, str | None, float]) -> bytes:
    return _file(name, cached.version_of(name), ending, asked)


@st.cache_resource(max_entries=8, show_spinner="Writing the report …", show_time=True)
def _file(name: str, version: str, ending: str, asked: tuple[float, str | None, str, str | None, float]) -> bytes:  # noqa: ARG001
    # Imported here: few sessions ask for it, and drawing PDF takes half a second to import.
    from app.report.document import study_report
    from app.report.html import html_report
    from app.report.subject import Choices, subject_of
    from core.estimators.prediction import Estimator
    from core.estimators.weights import WeightRule
    from core.families.layouts.predictions import available_units
    from core.studies.database import Database

    budget, unit, weights, estimator, tolerance = asked
    study = cached.study(name)
    known = available_units(study) if study.shares_inputs else []
    choices = Choices(
        f"{100 * budget:.12g}%",
        Unit(unit) if unit in known else None,
        WeightRule(weights),
        Estimator(estimator) if estimator else None,
        tolerance,
    )
    report = study_report(subject_of(Database.at_home(), name, choices))
    if ending == "pdf":
        from app.report.pdf import pdf_report

        return pdf_report(report)
    return html_report(report).encode()
