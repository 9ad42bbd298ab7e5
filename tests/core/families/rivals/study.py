"""A small study of rivals on made-up tasks."""

from core.studies.specification import StudySpecification, parse_study

TEXT = """\
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
epochs = 3
batch_size = 16
[rivals]
"""


def study_of(more: str = "", text: str = TEXT) -> StudySpecification:
    """Return the study with more keys of its rivals."""
    return parse_study(text + more)
