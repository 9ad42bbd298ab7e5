"""A report in a browser without a network: the line is dragged, and nothing leaves the file."""

from app.report.document import study_report
from app.report.html import html_report
from app.report.subject import Choices, Subject
from core.studies.bundled import load_bundled
from core.studies.database import Database
from core.studies.home import DATABASE_FILE


def test_the_budget_line_of_a_report_works_in_the_file(browser, tmp_path):
    database = Database(tmp_path / DATABASE_FILE)
    subject = Subject(database, load_bundled("scenes"), is_stored=False, choices=Choices(budget="60%"))
    (tmp_path / "report.html").write_text(html_report(study_report(subject)), encoding="utf-8")
    tab, faults, left = browser.new_page(), [], []
    tab.on("console", lambda message: faults.append(message.text))
    tab.on("pageerror", lambda fault: faults.append(str(fault)))
    tab.on("request", lambda request: left.append(request.url))
    tab.goto((tmp_path / "report.html").as_uri())
    grip = tab.get_by_role("slider")
    grip.focus()
    assert grip.get_attribute("aria-valuenow") == "60"
    tab.keyboard.press("PageDown")
    assert grip.get_attribute("aria-valuenow") == "50"
    # What costs more than the budget, and so is not recommended, can be looked at all the same, and left again.
    tab.locator(".front").last.click()
    tab.locator(".kind", has_text="Current selection").wait_for()
    tab.get_by_role("button", name="Back to the best").click()
    tab.locator(".kind", has_text="Recommended within 50 %").wait_for()
    # Nobody could cut a block here, so none is a button.
    assert not tab.locator(".tree [role=button]").count()
    # A script that got in some other way would not run.
    tab.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
    )
    assert tab.evaluate("window.ran") is None
    assert [fault for fault in faults if "Content Security Policy" not in fault] == []
    assert [url for url in left if not url.startswith(("file:", "data:"))] == []
    tab.close()
