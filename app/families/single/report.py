"""What a report says of single-task networks: they are what every gain is against."""

from app.report.model import Part
from core.studies.study import Study

TITLE = "Single-task networks, against which every gain is"


def report_parts(_: Study) -> list[Part]:
    """Return nothing: their cost stands in the table of networks."""
    return []
