"""The sections below the figure; only the open one runs."""

from app.storage.model import StorageView
from app.storage.paper import show_paper
from app.storage.results import show_results
from app.ui.url_state import choice
from core.families.treednn.results import TreeResults
from core.studies.study import Study

RESULTS, PICTURES, RESPONSE, PAPER = "results", "pictures", "response", "paper"
SECTIONS = {
    RESULTS: "Results",
    PICTURES: "Training and deployment",
    RESPONSE: "Response time",
    PAPER: "TreeDNN paper",
}
SECTION = "storage_section"


def section_input() -> str:
    """Ask which section is open."""
    return choice("Details", list(SECTIONS), SECTION, name="section", labels=SECTIONS, labelled=False)


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
    else:
        show_results(study.result(TreeResults))
