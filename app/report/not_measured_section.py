"""What to train first in a study without measurements, and how long that takes."""

from app.report.model import Paragraph, Section
from app.report.subject import Subject
from app.ui.formatting import count, plural
from core.families.layouts.request import TableRequest
from core.families.layouts.runs import TableSubmission
from core.families.layouts.seeds import table_seeds
from core.jobs.estimate import about, workers_here
from core.jobs.submission import WholeStudy
from core.jobs.submit import plan
from core.studies.bundled import open_bundled
from core.studies.seeds import own_seeds
from core.studies.submission import Submission

_DEFAULT_SEEDS = 2  # as on the Train page


def not_measured_section(subject: Subject) -> Section:
    """Return that nothing is recommended yet, which runs come first, and how long they take."""
    return Section("recommendation", "No recommendation among layouts yet", (Paragraph(_first(subject)),))


def _first(subject: Subject) -> str:
    study, database = subject.study, subject.database
    asked = study.specification
    if asked is None:
        return "The two-task table is empty. Import a table with values."
    wanted: Submission = WholeStudy()
    what, how = "Train what the study file requests", f"The Train page does so, or branchwise run {study.name}.toml"
    if study.shares_inputs:
        n_seeds = len(own_seeds(asked, TableRequest)) or _DEFAULT_SEEDS
        wanted = TableSubmission(table_seeds(asked, n_seeds))
        is_requested = asked.requested(TableRequest) is not None
        others = any(name not in ("layouts", "recombined", "gradient_affinity") for name in study.results)
        why = "Only networks of other kinds are measured" if others else "This study has no measurements"
        what = (
            f"{why}. What layouts gain is predicted from the two-task table, so measure it first, with "
            f"{plural(n_seeds, 'seed')}"
        )
        if not is_requested:
            seeds = ", ".join(map(str, table_seeds(asked, n_seeds)))
            how = (
                "The Train page does so, or branchwise run with the study file below, in which table = false has "
                f"become a section [table] with seeds = [{seeds}]"
            )
    results = None if subject.is_stored else open_bundled(study.name).results
    taken = plan(database, subject.record, (wanted,), results=results, workers=workers_here(database))
    waiting = f"; {count(taken.n_waiting)} more are in the queue" if taken.n_waiting else ""
    return f"{what}: {plural(taken.n_new, 'run')}, about {about(taken.seconds)} on this machine{waiting}. {how}."
