import pytest
from streamlit.testing.v1 import AppTest

from app.train.confusion import MOST_CLASSES, confusion_frame, confusions, missing_sentences
from core.runs.result import Environment, RunResult, RunState
from core.tasks import Kind, Metric, Task

HERE = Environment(device="cpu", machine="here", threads=1, versions={})


def result(confusion, classes=()):
    return RunResult(
        state=RunState.DONE,
        confusion={"test": {"kind": confusion}},
        classes={"kind": classes} if classes else {},
        environment=HERE,
    )


def test_classes_have_their_names_or_their_numbers():
    named = confusion_frame(confusions(result([[3, 1], [0, 4]], ("ball", "box")))["kind"])
    assert named.loc["ball", "box"] == 1
    assert named.loc["box", "ball"] == 0
    plain = confusion_frame(confusions(result([[3, 1], [0, 4]]))["kind"])
    assert plain.loc["0", "1"] == 1
    twice = confusion_frame(confusions(result([[3, 1], [0, 4]], ("box", "box")))["kind"])
    assert twice.loc["0: box", "1: box"] == 1


def test_what_can_not_be_shown_is_left_out():
    n = MOST_CLASSES + 1
    assert confusions(result([[1] * n for _ in range(n)])) == {}
    assert confusions(result([[0, 0], [0, 0]])) == {}
    assert confusions(RunResult(state=RunState.DONE, environment=HERE)) == {}


def test_every_task_has_its_table_with_its_name_as_text():
    def page() -> None:
        from app.train.confusion import show_confusion
        from core.runs.result import Environment, RunResult, RunState

        here = Environment(device="cpu", machine="here", threads=1, versions={})
        counts = {"test": {"*kind*": [[3, 1], [0, 4]]}}
        show_confusion(RunResult(state=RunState.DONE, confusion=counts, environment=here))

    at = AppTest.from_function(page, default_timeout=120).run()
    assert not at.exception
    assert at.expander[0].label.startswith(r"Confused classes of \*kind\*")
    assert at.dataframe[0].value.to_numpy().tolist() == [[3, 1], [0, 4]]


CLASSES = [Task(name, Kind.CLASSIFICATION, (Metric("accuracy", True),), 2) for name in ("one", "two")]
MAP = Task("map", Kind.DEPTH, (Metric("absolute error", False),), 1)


@pytest.mark.parametrize(
    ("counted", "said"),
    [
        ({}, ["one and two: not known"]),
        ({"one": [[1, 0], [0, 1]]}, ["two: not known"]),
        ({"one": [[1, 0], [0, 1]], "two": [[1] * 21] * 21}, ["two: more than 20 classes"]),
        ({"one": [[1, 0], [0, 1]], "two": [[1, 0], [0, 1]]}, []),
    ],
)
def test_a_run_whose_answers_were_not_counted_says_so(counted, said):
    names = ("one", "two", "map")
    found = RunResult(
        state=RunState.DONE,
        metrics={"test": {name: {"accuracy": 0.5} for name in names}},
        confusion={"test": counted} if counted else {},
        environment=HERE,
    )
    sentences = missing_sentences(found, [*CLASSES, MAP])
    assert len(sentences) == len(said)
    assert all(words in sentence for words, sentence in zip(said, sentences, strict=True))
    assert missing_sentences(RunResult(state=RunState.DONE, environment=HERE), CLASSES) == []
