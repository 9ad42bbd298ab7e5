"""The budget plane as one HTML file that works without a server: for a talk, a hand-out, a paper's supplement."""

import base64
import json
import re
from collections.abc import Mapping
from html import escape
from pathlib import PurePosixPath

from app.components.served import BROWSER, text_of

# The theme's colours, for a page that has no Streamlit around it; light, and dark where the reader prefers it.
_LIGHT = {
    "background-color": "#FBFAF7", "secondary-background-color": "#FFFFFF", "text-color": "#0F171A",
    "border-color": "#E3E1DA", "primary-color": "#0A6755", "link-color": "#0A6755",
    "chart-categorical-colors": "#B4491A,#2F5FA7,#7A4FA3,#8A6A00,#A33A5B",
}  # fmt: skip
_DARK = {
    "background-color": "#14191B", "secondary-background-color": "#1B2225", "text-color": "#E8ECEA",
    "border-color": "#2C3639", "primary-color": "#4FC3A5", "link-color": "#4FC3A5",
    "chart-categorical-colors": "#F0905C,#7FB2F0,#C3A1E8,#E0C04A,#EE8FAE",
}  # fmt: skip
_PLANE = "budget_plane"
_IMPORT = re.compile(r'(?:from|import)\s+"(\.{1,2}/[^"]+)"')
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>
:root {{ --st-font: system-ui, sans-serif; {light} }}
@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}
body {{ background: var(--st-background-color); color: var(--st-text-color); font-family: var(--st-font);
  max-width: 1180px; margin: 24px auto; padding: 0 16px; }}
h1 {{ font-size: 1.3rem; }}
{css}
</style></head><body><h1>{title}</h1>
<div id="here">{html}</div>
<script type="importmap">{modules}</script>
<script type="module">
import draw from "{entry}";
const data = {data};
const nothing = () => {{}};
draw({{ parentElement: document.getElementById("here"), data, setStateValue: nothing, setTriggerValue: nothing }});
</script></body></html>
"""


def standalone_page(data: Mapping[str, object], title: str) -> str:
    """Return the plane as a page; dragging works, cutting and picking need the dashboard.

    Args:
        data: What ``plane_data`` returns.
        title: Heading of the page.
    """
    return _PAGE.format(
        title=escape(title),
        light=_variables(_LIGHT),
        dark=_variables(_DARK),
        css=text_of(f"{_PLANE}.css"),
        html=text_of(f"{_PLANE}.html"),
        modules=json.dumps({"imports": {name: _address(text) for name, text in bundle(f"{_PLANE}.js").items()}}),
        entry=f"{_PLANE}.js",
        # "<" would let a task name end the script.
        data=json.dumps(data).replace("<", "\\u003c"),
    )


def bundle(entry: str) -> dict[str, str]:
    """Return a module and all that it imports, each by its path in ``browser/``, which is also how they import now.

    A page without a server has no addresses that ``./`` could start from; names of an import map need none.

    Args:
        entry: Path of the first module.
    """
    found: dict[str, str] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        folder = PurePosixPath(name).parent
        text = text_of(name)
        for written in dict.fromkeys(_IMPORT.findall(text)):
            inside = _inside(folder, written)
            text = text.replace(f'"{written}"', f'"{inside}"')
            waiting.append(inside)
        found[name] = text
    return found


def _inside(folder: PurePosixPath, written: str) -> str:
    """Return the path in ``browser/`` of what a module of a folder imports."""
    return (BROWSER / folder / written).resolve().relative_to(BROWSER.resolve()).as_posix()


def _address(text: str) -> str:
    return f"data:text/javascript;base64,{base64.b64encode(text.encode()).decode()}"


def _variables(colours: Mapping[str, str]) -> str:
    return " ".join(f"--st-{name}: {value};" for name, value in colours.items())
