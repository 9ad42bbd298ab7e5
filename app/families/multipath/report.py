"""What a report says of multi-path networks: the best trained network, and where its tasks leave."""

from app.families.multipath.overview import best_network, best_sentence, other_sentences
from app.report.model import Paragraph, Part, plain
from core.families.multipath.results import MultiPathResults
from core.plane.point import PlanePoint
from core.studies.study import Study

TITLE = "Multi-path networks: one backbone with an exit for each task"


def report_parts(study: Study) -> list[Part]:
    """Return the sentences of the Overview page."""
    results = study.result(MultiPathResults)
    best = None if results is None else best_network(results)
    if results is None or best is None:
        return []
    return [Paragraph(plain(" ".join([best_sentence(best, results), *other_sentences(best, results)])))]


def shown_label(point: PlanePoint, study: Study) -> str:
    """Return the name of a trained network, and where its tasks leave, counted from 1."""
    results = study.result(MultiPathResults)
    # Labels begin with the name; one name may begin another.
    names = [] if results is None else sorted(results.networks, key=lambda network: -len(network.name))
    for network in names:
        if results is not None and point.label.startswith(network.name):
            exits = ", ".join(str(exit_ + 1) for exit_ in network.assign)
            return f"{network.name} (exits {exits})" if exits.replace(", ", "-") not in network.name else network.name
    return point.label
