"""The report of a study: its sections in the order in which they are read."""

from app.report.affinity_section import affinity_section
from app.report.compare_section import compare_section
from app.report.data_section import data_section
from app.report.doubts_section import doubts_section
from app.report.evidence_section import evidence_section
from app.report.families_section import families_section
from app.report.layouts_section import layouts_section
from app.report.making_section import made_with, making_section
from app.report.model import Report, Section
from app.report.not_measured_section import not_measured_section
from app.report.subject import Subject
from app.ui.formatting import budget_share, plural
from app.ui.study_summary import day


def study_report(subject: Subject) -> Report:
    """Return the report of a study.

    Args:
        subject: The study, and what is asked of it.

    Raises:
        BudgetError: The budget is none.
        StudyError: What is stored is damaged.
    """
    study, scene = subject.study, subject.scene
    families, compared = families_section(study), compare_section(subject)
    sections: list[Section] = []
    if scene is not None:
        first, *others = layouts_section(subject, scene)
        sections += [first, *compared, *others, *affinity_section(subject), *evidence_section(subject, scene)]
    else:
        sections += [*compared, *affinity_section(subject)]
    sections += families
    if scene is None and (study.shares_inputs or not families):
        sections.append(not_measured_section(subject))
    finished = day(study.provenance.finished)
    measured = f", measured until {finished}" if finished else ""
    return Report(
        title=study.title,
        question=_question(subject),
        made=f"Report of the study “{study.name}”{measured}; written by {made_with()}.",
        sections=(*sections[:1], data_section(study), *sections[1:], doubts_section(subject), making_section(subject)),
    )


def _question(subject: Subject) -> str:
    study = subject.study
    tasks = plural(study.n_tasks, "task")
    if subject.scene is not None:
        return (
            f"Which layers should {tasks} share within {budget_share(subject.budget)} of the cost of as many "
            "single-task networks, and what do they gain or lose?"
        )
    if study.shares_inputs:
        return f"What do networks that {tasks} share cost, and what do they gain over single-task networks?"
    return f"What does one network for {tasks} with pictures of their own save, and what does it gain or lose?"
