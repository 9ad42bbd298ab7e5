"""A lesson in a file without a server: the answer waits for a guess, figures move, and nothing leaves the file."""

from app.lessons.catalogue import lesson
from app.lessons.static_page import lesson_html


def test_a_lesson_is_taken_by_keyboard_and_its_trees_are_cut_by_hand(browser, tmp_path):
    counting = lesson(2)
    assert counting is not None
    (tmp_path / "lesson.html").write_text(lesson_html(counting), encoding="utf-8")
    tab, faults, left = browser.new_page(), [], []
    tab.on("console", lambda message: faults.append(message.text))
    tab.on("pageerror", lambda fault: faults.append(str(fault)))
    tab.on("request", lambda request: left.append(request.url))
    tab.goto((tmp_path / "lesson.html").as_uri())
    assert not tab.get_by_role("heading", name="Answer").is_visible()
    for _ in range(2):
        tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    # A guess may be changed, so it shows nothing yet.
    assert tab.locator(".option[aria-pressed=true]").get_attribute("data-option") == "1"
    assert not tab.get_by_role("heading", name="Answer").is_visible()
    tab.get_by_role("button", name="Show the answer").first.click()
    tab.get_by_role("heading", name="Answer").wait_for()
    # The first option is wrong, and the right one is marked.
    assert tab.locator(".option.wrong").count() == 1
    assert tab.locator(".option.right").get_attribute("data-option") == str(counting.head.question.answer)
    # The exercise waits for a guess of its own.
    assert not tab.get_by_role("heading", name="Solution").is_visible()
    tab.locator("#figure-cuts .block").last.click()
    tab.get_by_text("2 of 4 trees found").wait_for()
    grip = tab.get_by_role("slider")
    grip.focus()
    tab.keyboard.press("End")
    tab.get_by_text("10 tasks on 5 blocks").wait_for()
    assert faults == []
    assert [url for url in left if not url.startswith(("file:", "data:"))] == []
    tab.close()
