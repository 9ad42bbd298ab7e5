"""A small study of two made-up tasks, for families that stand in a section of their own."""

from core.studies.specification import StudySpecification, parse_study


def text_of(section: str, *, epochs: int = 2) -> str:
    """Return the text of the study file, whose last line begins the section."""
    return f"""\
name = "small"
tasks = ["task A", "task B"]
[dataset]
name = "planted"
tree = "0,1 | 0,1 | 0,1 | 0;1 | 0;1"
n_train = 64
n_validation = 32
n_test = 32
size = 16
[backbone]
width = 2
[training]
epochs = {epochs}
batch_size = 16
[{section}]
"""


def small_study(text: str, more: str = "") -> StudySpecification:
    """Return the study with more keys of its last section."""
    return parse_study(text + more)
