"""What a report says of published methods: how they were trained, and what tasks of a sequence still reach."""

from app.families.rivals.overview import kept_sentences
from app.families.rivals.steps import steps_sentence
from app.report.model import Part, paragraphs, plain
from core.families.rivals.results import RivalResults
from core.studies.study import Study

TITLE = "Published methods on the same data"


def report_parts(study: Study) -> list[Part]:
    """Return the sentences of the Overview page."""
    results = study.result(RivalResults)
    if results is None:
        return []
    return paragraphs([plain(sentence) for sentence in (steps_sentence(results), *kept_sentences(results))])
