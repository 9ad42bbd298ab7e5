"""The Learn page: the list, a step, a guess, the notes."""

from app.lessons.catalogue import lessons


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
    assert [each.value for each in page.subheader] == ["Question"]
    page.button(key=f"show-{question}").click().run()
    assert [each.value for each in page.subheader] == ["Question", "Answer"]
    assert option(right).icon == ":material/check_circle:"
    option(right).click().run()
    assert "(your guess)" in option(other).label
