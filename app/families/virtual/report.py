"""What a report says of virtual networks: the best trained network at its ends, and what it stores."""

from app.families.virtual.overview import best_network, best_sentence, storage_sentences
from app.report.model import Paragraph, Part, plain
from core.families.virtual.results import VirtualResults
from core.studies.study import Study

TITLE = "Virtual networks: one set of weights with a network for every task and memory level"


def report_parts(study: Study) -> list[Part]:
    """Return the sentences of the Overview page."""
    results = study.result(VirtualResults)
    best = None if results is None else best_network(results)
    if results is None or best is None:
        return []
    return [Paragraph(plain(" ".join([best_sentence(best, results), *storage_sentences(best, results)])))]
