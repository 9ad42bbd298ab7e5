from streamlit.testing.v1 import AppTest

from app.train.confusion import MOST_CLASSES, confusion_frame, confusions
from core.runs.result import Environment, RunResult, RunState

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

    at = AppTest.from_function(page).run()
    assert not at.exception
    assert at.expander[0].label.startswith(r"Confused classes of \*kind\*")
    assert at.dataframe[0].value.to_numpy().tolist() == [[3, 1], [0, 4]]
