"""A study may judge a task by some of its metrics: Δ is made of these, and runs and their keys stay as they are."""

import pytest

from core.errors import DataError, StudyError
from core.families.single.runs import single_run
from core.studies.chosen_metrics import with_chosen_metrics
from core.studies.specification import parse_study
from core.studies.study_file import write_study
from core.tasks import Kind, Task
from core.training.prepare_study import prepare_study

STUDY = """\
name = "small"
tasks = ["segmentation", "depth"]
{}
[dataset]
name = "scenes"
n_train = 8
n_validation = 4
n_test = 4
size = 16
[backbone]
width = 2
"""
CHOSEN = 'metrics = {segmentation = ["mIoU"], depth = ["relative error", "absolute error"]}'


def test_the_stored_tasks_have_the_chosen_metrics_in_their_order():
    study = parse_study(STUDY.format(CHOSEN))
    record, _ = prepare_study(study)
    names = [[metric.name for metric in task.metrics] for task in record.tasks]
    assert names == [["mIoU"], ["relative error", "absolute error"]]
    assert parse_study(write_study(study)) == study


def test_keys_and_documents_of_studies_without_a_choice_stay_as_they_are():
    plain, chosen = parse_study(STUDY.format("")), parse_study(STUDY.format(CHOSEN))
    assert single_run(plain, 0, 0).key == single_run(chosen, 0, 0).key
    assert "metrics" not in plain.model_dump()


@pytest.mark.parametrize(
    ("metrics", "words"),
    [
        ('{sky = ["mIoU"]}', "no task of the study"),
        ('{depth = ["relative error", "relative error"]}', "twice"),
        ("{depth = []}", "at least 1"),
    ],
)
def test_choices_of_nothing_are_refused(metrics, words):
    with pytest.raises(StudyError, match=words):
        parse_study(STUDY.format(f"metrics = {metrics}"))


def test_metrics_that_are_not_there_or_make_no_gain_are_refused():
    with pytest.raises(DataError, match="Choose from: mIoU, pixel accuracy"):
        prepare_study(parse_study(STUDY.format('metrics = {segmentation = ["accuracy"]}')))
    with pytest.raises(DataError, match="may be 0"):
        with_chosen_metrics(Task.usual("age", Kind.REGRESSION, 1), {"age": ("R²",)})
