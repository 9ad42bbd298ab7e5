"""What the import contract cannot say about the house."""

import ast
import json
import re
import subprocess
import sys
import tomllib

import pytest

from app.command.app import server_options
from app.ui.paths import ASSETS, PAGES, ROOT

PAGE_FILES = sorted(PAGES.glob("*.py"))
SOURCES = sorted(path for folder in ("app", "branchwise", "core", "pages") for path in (ROOT / folder).rglob("*.py"))
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
OPEN_EVERY_PAGE = """
import json, sys
from streamlit.testing.v1 import AppTest

SECTIONS = {
    "overview": ["own"],
    "budget": ["compare", "evaluation", "confidence", "front"],
    "affinity": ["tournament", "pictures", "sources", "difference"],
    "branching": ["depths", "confidence", "plane", "path"],
    "storage": ["results", "pictures", "response", "paper"],
    "paths": ["matrix", "networks", "leaving", "budget", "paper"],
    "compare": ["pinned", "families", "storage", "table"],
    "studies": ["create", "engine", "cleanup"],
}
STUDY_OF = {"affinity": "scenes", "branching": "scenes", "paths": "paths"}
entry, *pages = sys.argv[1:]
addresses = [(page, {}) for page in pages]
for name, codes in SECTIONS.items():
    (page,) = [each for each in pages if each.endswith(f"/{name}.py")]
    study = {"study": STUDY_OF[name]} if name in STUDY_OF else {}
    addresses += [(page, {"section": code, **study}) for code in codes]
for page, address in addresses:
    at = AppTest.from_file(entry, default_timeout=300)
    for name, value in {"study": "trained", **address}.items():
        at.query_params[name] = value
    at.switch_page(page).run()
    assert not at.exception, at.exception
    # The first section of a page is not in the address.
    assert at.query_params.get("section") in (address.get("section"), None), (page, address)
print(json.dumps(sorted(name for name in sys.modules if "." not in name)))
"""


def test_opening_every_page_never_imports_torch(studies_home, monkeypatch):
    monkeypatch.setenv("BRANCHWISE_HOME", str(studies_home))
    done = subprocess.run(
        [sys.executable, "-c", OPEN_EVERY_PAGE, str(ROOT / "app" / "main.py"), *map(str, PAGE_FILES)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert {"streamlit", "numpy", "core", "app"} <= loaded
    assert not loaded & {"torch", "torchvision"}


def test_the_command_line_starts_without_torch():
    program = "import sys; import app.command.entry; print('torch' in sys.modules, 'streamlit' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("path", PAGE_FILES, ids=lambda path: path.stem)
def test_a_page_is_short_and_computes_nothing(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 150
    tree = ast.parse(text)
    assert (ast.get_docstring(tree) or "").rstrip('"').endswith("?")
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]


def test_files_are_named_after_nouns_and_stay_readable():
    assert not [path for path in SOURCES if path.stem in {"utils", "util", "helpers", "common", "misc", "manager"}]
    assert not [path for path in SOURCES if len(path.read_text(encoding="utf-8").splitlines()) > 400]


def test_every_page_is_in_the_navigation():
    entry = (ROOT / "app" / "main.py").read_text(encoding="utf-8")
    assert set(re.findall(r'PAGES / "(\w+)\.py"', entry)) == {path.stem for path in PAGE_FILES}


def test_only_this_machine_reaches_the_server():
    settings = CONFIG["server"]
    assert settings["address"] == "127.0.0.1"
    assert settings["enableCORS"]
    assert settings["enableXsrfProtection"]
    assert settings["maxUploadSize"] <= 20
    assert settings["fileWatcherType"] == "none"
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["client"]["showErrorDetails"] == "type"
    assert CONFIG["client"]["toolbarMode"] == "viewer"
    assert CONFIG["runner"]["magicEnabled"] is False


def test_the_command_starts_the_server_with_the_settings_of_the_file():
    options = server_options("127.0.0.1", 8501, headless=True)
    for section in ("server", "browser", "client", "runner"):
        for name, value in CONFIG[section].items():
            if f"{section}.{name}" in options:
                assert options[f"{section}.{name}"] == value
    assert options["server.allowedHosts"]
    assert "*" not in options["server.allowedHosts"]


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _caption(text: str, ground: str) -> str:
    """Give the colour Streamlit writes captions in: 60 % of the text's."""
    parts = [(int(text[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(0.6 * t + 0.4 * g):02x}" for t, g in parts)


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_read_on_their_grounds(scheme):
    theme = CONFIG["theme"][scheme]
    for ground in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        assert _contrast(theme["textColor"], ground) >= 7
        assert _contrast(theme["primaryColor"], ground) >= 4.5
        assert _contrast(theme["linkColor"], ground) >= 4.5
        # Task names are written in these.
        assert all(_contrast(colour, ground) >= 4.5 for colour in theme["chartCategoricalColors"])
    for ground in (theme["backgroundColor"], theme["secondaryBackgroundColor"], theme["sidebar"]["backgroundColor"]):
        assert _contrast(_caption(theme["textColor"], ground), ground) >= 4.5
    for scale in ("chartCategoricalColors", "chartSequentialColors", "chartDivergingColors"):
        assert len(theme[scale]) == 10


def test_nothing_bundled_is_an_unsafe_format():
    kinds = {path.suffix for path in ASSETS.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert not kinds & {".pkl", ".pickle", ".pt", ".pth"}
