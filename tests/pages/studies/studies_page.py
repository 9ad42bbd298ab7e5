"""What an open Studies page shows."""

from streamlit.testing.v1 import AppTest

from app.ui.paths import ROOT
from core.studies.specification import StudySpecification, parse_study

CREATE, ENGINE, CLEANING = "create", "engine", "cleanup"
NASTY = ("*bold*", ":red", "$x$")


def opened(section: str | None = None, **address: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    if section:
        address["section"] = section
    for name, value in address.items():
        at.query_params[name] = value
    return fine(at.switch_page("../pages/studies.py").run())


def parts_of(block):
    """Give everything in a block, from top to bottom."""
    for child in block.children.values():
        yield child
        if hasattr(child, "children"):
            yield from parts_of(child)


def fine(at: AppTest) -> AppTest:
    assert not at.exception
    return at


def faults(at: AppTest) -> list[str]:
    return [error.value for error in at.error]


def words(at: AppTest) -> str:
    return "\n".join(part.value for kind in (at.markdown, at.caption) for part in kind)


def button(at: AppTest, label: str):
    (found,) = [each for each in at.button if each.label == label]
    return found


def has(at: AppTest, key: str) -> bool:
    return any(each.key == key for each in at.button)


def study_file(at: AppTest) -> StudySpecification:
    """Give the study that the page would make."""
    return parse_study(at.code[0].value)
