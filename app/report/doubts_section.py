"""What to doubt of a study: its noise, its seeds, its labels, and where it was computed."""

from app.overview.model import Recommendation
from app.plane.confidence import ZERO_INSIDE, caution, few_seeds, is_zero_inside
from app.plane.grain import grain_sentence
from app.plane.judged import cheap_sentence
from app.plane.scene import Scene
from app.report.model import Bullets, Paragraph, Section
from app.report.subject import Subject
from app.ui.computed_elsewhere import elsewhere_sentences
from app.ui.formatting import MORE_SEEDS, count, no_interval, plural
from core.costs import CostQuestion
from core.data.label_warnings import known_warnings
from core.estimators.coverage import hole_warning, interpolation_warnings
from core.estimators.resampling import Spread
from core.estimators.weights import weight_warnings
from core.jobs.this_machine import arithmetic_here
from core.plane.point import GainOrigin
from core.studies.family import families
from core.studies.study import Study

_FEW, _LAYOUTS = 3, "layouts"
_SPREADS = {
    Spread.SEEDS: "Student's intervals over the seeds of the table.",
    Spread.STDERR: Spread.STDERR.value,
    Spread.POSTERIOR: Spread.POSTERIOR.value,
    Spread.TRAINED: Spread.TRAINED.value,
}


def doubts_section(subject: Subject) -> Section:
    """Return everything that is known to weaken what the report says."""
    study, scene = subject.study, subject.scene
    said = [*study.warnings, *_labels(study)]
    if scene is not None:
        said += _predictions(scene, subject.recommended)
        if scene.trained is not None and study.table.is_measured:
            said.append(cheap_sentence(scene.trained.agreement, subject.baselines))
    said += [*_seeds(study), *_missing(study), *_elsewhere(study), _one_case(study)]
    found = tuple(dict.fromkeys(sentence for sentence in said if sentence))
    return Section(
        "doubts",
        "What to doubt",
        (Paragraph("What is known to weaken the figures above; what nobody measured is not in it."), Bullets(found)),
    )


def _labels(study: Study) -> tuple[str, ...]:
    """Return doubts about the labels, where the data can be read here."""
    asked = study.specification
    return () if asked is None else known_warnings(asked.dataset, asked.tasks)


def _predictions(scene: Scene, found: Recommendation | None) -> list[str]:
    view, table = scene.view, scene.view.study.table
    said: list[str] = []
    if table.is_measured:
        layout = None if found is None else found.layout
        said += [*interpolation_warnings(table, layout), *weight_warnings(table.tasks, view.weights)]
        if view.weights.note:
            said.append(view.weights.note)
        said.append(hole_warning(table))
        if not view.knows_noise:
            said.append(f"Predicted gains have {no_interval(table)}. {MORE_SEEDS}")
        else:
            spread = _SPREADS[view.spread]
            said.append(f"Intervals of predicted gains: {spread[0].lower()}{spread[1:]}")
            few = few_seeds(view)
            said.append(f"{few.capitalize()}: how much seeds differ is assumed, not seen." if few else caution(view))
    if found is not None:
        if is_zero_inside(found.figures):
            said.append(ZERO_INSIDE)
        if found.trained is None or found.trained.figures(found.layout) is None:
            said.append("The recommended layout is not trained: its gain is a prediction.")
    if not view.found.exact:
        said.append("Layouts were searched by a heuristic, which may miss the best.")
    said.append(grain_sentence(view.study))
    return said


def _seeds(study: Study) -> list[str]:
    """Return what rests on few seeds."""
    said = []
    if study.oracle is not None and (n := len(study.oracle.seeds)) < _FEW:
        said.append(f"Measured gains of layouts are from {plural(n, 'seed')}.")
    for family in families():
        # Layouts are told of above, and their points would search all of them again.
        if family.name == _LAYOUTS:
            continue
        points = [
            point
            for question in CostQuestion
            for point in family.points(study, question, question.units[0])
            if point.origin is GainOrigin.MEASURED
        ]
        alone = {point.label for point in points if point.n_seeds == 1}
        if alone:
            said.append(
                f"{plural(len(alone), 'network')} of the family {family.name} {'has' if len(alone) == 1 else 'have'} "
                "one seed, so nothing is known of their noise."
            )
    return said


def _missing(study: Study) -> list[str]:
    made = study.provenance
    left = made.n_runs - made.n_done
    return [f"{count(left)} of {plural(made.n_runs, 'training')} are not done."] if left > 0 else []


def _elsewhere(study: Study) -> list[str]:
    if study.specification is None:
        return []
    return elsewhere_sentences(study.provenance.arithmetics, arithmetic_here(study.specification.training))


def _one_case(study: Study) -> str:
    if study.specification is None:
        return ""
    return (
        f"All of it holds for this data set, {study.backbone.name} and this training: another data set, network or "
        "longer training may order layouts otherwise."
    )
