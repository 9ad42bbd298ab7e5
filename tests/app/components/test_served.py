import re

import pytest
from streamlit.components.v2.component_manager import BidiComponentManager

from app.components.served import BROWSER, _declare, full_name
from app.components.standalone import bundle

ENTRIES = sorted(path.name for path in BROWSER.glob("*.js") if "export default" in path.read_text(encoding="utf-8"))
FILES = sorted(path.relative_to(BROWSER).as_posix() for path in BROWSER.rglob("*.*"))


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_component_has_markup_and_style_and_everything_it_imports(entry):
    assert all((BROWSER / entry).with_suffix(suffix).is_file() for suffix in (".html", ".css"))
    modules = bundle(entry)
    imported = {name for text in modules.values() for name in re.findall(r'from "([^"]+)"', text)}
    assert imported <= set(modules)


def test_every_module_belongs_to_a_component():
    used = {
        name for entry in (*ENTRIES, "standalone.js", "class_follow.js", "lesson_page.js") for name in bundle(entry)
    }
    assert {name for name in FILES if name.endswith(".js")} == used


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_loaded_from_elsewhere(name):
    text = (BROWSER / name).read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert "http" not in text
    assert "@import" not in text


def test_every_manager_of_components_learns_where_our_files_are():
    managers = [BidiComponentManager(), BidiComponentManager()]
    for manager in managers:
        for _ in range(2):
            _declare("picture", manager)
        assert manager.get_component_path(full_name("picture")) == str(BROWSER)
