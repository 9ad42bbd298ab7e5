"""The Learn page: the list, a step, a guess, the notes."""

from datetime import UTC, datetime

from app.classroom.store import FILE, ClassStore, hold
from app.lessons.catalogue import lessons
from app.ui.owner import serve_as


def test_a_guess_may_be_changed_until_the_answer_is_shown(visit):
    lesson = lessons()[0]
    page = visit("learn", lesson=str(lesson.head.number))
    right = lesson.head.question.answer
    one, other = (n for n in (1, 2, 3) if n != right)
    question = lesson.question_id(0)

    def option(number):
        return page.button(key=f"guess-{question}-{number}")

    option(one).click().run()
    option(other).click().run()
    assert "(your guess)" not in option(one).label
    assert [each.value for each in page.header] == ["Question"]
    page.button(key=f"show-{question}").click().run()
    assert [each.value for each in page.header] == ["Question", "Answer"]
    assert option(right).icon == ":material/check_circle:"
    option(right).click().run()
    assert "(your guess)" in option(other).label


def test_a_member_of_a_class_is_no_step_ahead_and_reads_no_notes(visit, tmp_path):
    lesson = lessons()[0]
    store = ClassStore(tmp_path / FILE)
    store.begin("x", datetime.now(UTC))
    hold(store)
    serve_as("secret", 1)
    try:
        later = visit("learn", lesson="1", step="2")
        assert lesson.steps[1].title not in [each.value for each in later.header]
        assert [each.value for each in visit("learn", lesson="1", notes="1").header] == []
        assert not visit("learn", lesson="1", notes="1").get("download_button")
        store.reveal(lesson.question_id(0))
        opened = visit("learn", lesson="1", step="2")
        assert lesson.steps[1].title in [each.value for each in opened.header]
    finally:
        serve_as("", 0)
        hold(None)
        store.close()
