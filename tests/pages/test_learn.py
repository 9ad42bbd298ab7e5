"""The Learn page: the list, a step, a guess, the notes."""

from app.lessons.catalogue import lessons


def test_a_lesson_waits_for_a_guess_and_keeps_the_first(visit):
    lesson = lessons()[0]
    page = visit("learn", lesson=str(lesson.head.number))
    titles = [each.value for each in page.subheader]
    assert titles == ["Question"]
    wrong = next(n for n in range(1, 6) if n != lesson.head.question.answer)
    question = lesson.question_id(0)
    page.button(key=f"guess-{question}-{wrong}").click().run()
    assert [each.value for each in page.subheader] == ["Question", "Answer"]
    assert page.button(key=f"guess-{question}-{lesson.head.question.answer}").icon == ":material/check_circle:"
    page.button(key=f"guess-{question}-{lesson.head.question.answer}").click().run()
    assert "(your guess)" in page.button(key=f"guess-{question}-{wrong}").label
