"""How a study was measured, and the commands that make it and this report again."""

import hashlib
import shlex
from importlib import metadata

from app.plane.basis import weights_sentence
from app.report.model import Code, Facts, Heading, Paragraph, Part, Section, plain
from app.report.subject import Subject
from app.ui.formatting import ESTIMATOR_WORDS, UNIT_WORDS, WEIGHT_WORDS, budget_share
from app.ui.study_summary import facts
from core.studies.bundled import bundled_file, bundled_studies
from core.studies.study_file import write_study

# Of a study file on paper.
_MOST_LINES = 60


def made_with() -> str:
    """Return what writes the report."""
    return f"Branchwise {metadata.version('branchwise')}"


def making_section(subject: Subject) -> Section:
    """Return provenance, settings and commands."""
    study = subject.study
    rows = [(name, plain(words)) for name, words in facts(study) if name != "Command"]
    parts: list[Part] = [Facts(tuple(rows)), Heading("What this file shows"), Facts(_settings(subject))]
    if study.specification is None:
        parts.append(Paragraph("The two-task table was imported, so there is no training to repeat."))
        parts.append(Code(report_command(subject), "Write this report again"))
        return Section("again", "How it was measured, and how to repeat it", tuple(parts))
    bundled = study.name in bundled_studies() and not subject.is_stored
    file = str(bundled_file(study.name)) if bundled else f"{study.name}.toml"
    lines = [f"branchwise run {shlex.quote(file)}", report_command(subject)]
    parts += [
        Code("\n".join(lines), "Train everything again, and write this report"),
        Paragraph(
            "Runs that are done are not trained again; with --again those of another environment are, and with "
            "--dry-run the command only says what it would train and how long it takes. Results are equal bit for bit "
            "only with the same versions and CPU instructions."
        ),
        _study_file(study.name, write_study(study.specification)),
    ]
    return Section("again", "How it was measured, and how to repeat it", tuple(parts))


def _study_file(name: str, text: str) -> Code:
    n_lines, digest = len(text.splitlines()), hashlib.sha256(text.encode()).hexdigest()
    on_paper = ""
    if n_lines > _MOST_LINES:
        on_paper = f"{n_lines} lines, SHA-256 {digest}. The HTML report has them, and branchwise export does."
    return Code(text, f"The study file, {name}.toml", on_paper)


def report_command(subject: Subject) -> str:
    """Return the command that writes the report, with the choices that it was written with."""
    words = ["branchwise", "report", subject.study.name, f"{subject.study.name}.html"]
    if (scene := subject.scene) is not None:
        words += ["--budget", f"{100 * subject.budget:.12g}%", "--unit", str(scene.view.unit)]
        words += ["--weights", str(subject.choices.weights), "--estimator", str(subject.estimator)]
    return shlex.join(words)


def _settings(subject: Subject) -> tuple[tuple[str, str], ...]:
    scene, written = subject.scene, ("Written by", made_with())
    if scene is None:
        return (written,)
    view = scene.view
    return (
        (
            "Budget",
            f"{budget_share(subject.budget)} of the {UNIT_WORDS[view.unit]} of single-task networks, heads apart",
        ),
        ("Task weights", f"{WEIGHT_WORDS[subject.choices.weights]}. {weights_sentence(view)}".rstrip(" .") + "."),
        ("Estimator", ESTIMATOR_WORDS[subject.estimator]),
        ("Tolerance", f"{subject.choices.tolerance:g} points of gain"),
        written,
    )
