"""The sections below the figure; only the open one runs."""

from dataclasses import replace

from app.storage.controls import gain_input
from app.storage.figure import show_gain
from app.storage.model import StorageView
from app.storage.paper import show_paper
from app.storage.paper_figure import paper_menu
from app.storage.results import show_results
from app.storage.tables import show_tables
from app.ui.url_state import choice
from core.families.treednn.results import TreeResults
from core.studies.study import Study

GAIN, RESULTS, PICTURES, RESPONSE, PAPER = "gain", "results", "pictures", "response", "paper"
SECTIONS = {
    GAIN: "Gain over k",
    RESULTS: "Results",
    PICTURES: "Train and deploy",
    RESPONSE: "Response time",
    PAPER: "TreeDNN paper",
}
SECTION = "storage_section"


def section_input(study: Study) -> str:
    """Ask which section is open; at first the results of a study that has some."""
    usual = GAIN if study.result(TreeResults) is None else RESULTS
    return choice("Details", list(SECTIONS), SECTION, name="section", default=usual, labels=SECTIONS, labelled=False)


def show_section(section: str, study: Study, view: StorageView) -> None:
    """Show one section."""
    if section == PAPER:
        show_paper(view.formula, view.backbone)
    elif section == PICTURES:
        from app.storage.pictures import show_pictures

        tree = study.result(TreeResults)
        grafted = [] if tree is None else [branch.name for branch in tree.branches if branch.is_graft]
        show_pictures(view.case, list(study.task_names[: view.case.n_branches]), grafted)
    elif section == RESPONSE:
        from app.storage.response import show_response

        show_response(view.case, study)
    elif section == RESULTS:
        show_results(study.result(TreeResults))
    else:
        drawn = replace(view, gain=gain_input())
        show_gain(drawn)
        show_tables(drawn)
        paper_menu(drawn, study)
