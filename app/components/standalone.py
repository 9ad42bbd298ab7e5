"""Components in an HTML file that works without a server: for a talk, a hand-out, a paper's supplement, a report."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath
from typing import Final

from app.charts.paper import LIGHT
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
# What ``runtime/theme.js`` makes of a theme, for drawings that no script paints.
_DARK_NAMES: Final = {
    "text": "#E8ECEA", "primary": "#4FC3A5", "link": "#4FC3A5", "card": "#1B2225", "line": "#2C3639",
    "muted": "#9BA8A6", "shared": "#75827F", "over": "#242C2F", "dominated": "#6C7876", "low": "#F4E9D8",
    "high": "#0B4F6C", "task-0": "#F0905C", "task-1": "#7FB2F0", "task-2": "#C3A1E8", "task-3": "#E0C04A",
    "task-4": "#EE8FAE",
}  # fmt: skip
_PLANE = "budget_plane"
_STARTER = "standalone.js"
# No JSON and no markup can hold it.
_NONCE: Final = "\0nonce\0"
_IMPORT = re.compile(r'(?:from|import)\s+"(\.{1,2}/[^"]+)"')
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style nonce="{nonce}">
{style}
</style></head><body>
{body}
{scripts}</body></html>
"""
_SCRIPTS = """<script type="importmap" nonce="{nonce}">{modules}</script>
<script type="module" nonce="{nonce}">
{imports}
{starts}
</script>
"""
_HOST = """<div class="component" id="{place}"><template shadowrootmode="open"><style nonce="{nonce}">
{css}
{more}
</style>{html}</template></div>"""
_PLAIN = """body { background: var(--st-background-color); color: var(--st-text-color); font-family: var(--st-font);
  max-width: 1180px; margin: 24px auto; padding: 0 16px; }
h1 { font-size: 1.3rem; }"""


@dataclass(frozen=True, slots=True)
class Placed:
    """A component of ours in a page without a server.

    Args:
        place: Address of its element.
        name: Of its files in ``browser/``.
        data: What it shows; plain data.
    """

    place: str
    name: str
    data: Mapping[str, object]


def standalone_page(data: Mapping[str, object], title: str) -> str:
    """Return the budget plane as a page; dragging and picking work, cutting needs the dashboard.

    Args:
        data: What ``plane_data`` returns.
        title: Heading of the page.
    """
    plane = Placed("plane", _PLANE, {**data, "editable": False})
    return page(title, f"<h1>{escape(title)}</h1>\n{stand('plane')}", _PLAIN, [plane])


def page(title: str, body: str, style: str, placed: Sequence[Placed] = (), modules: Sequence[str] = ()) -> str:
    """Return a page that loads nothing: not from its server, for it has none, nor from anywhere else.

    No script runs but ours, even if some text of the body were read as markup: the browser is told the number that
    ours carry, and nobody can know it before the page is written.

    Args:
        title: Of the window.
        body: Its markup, with ``stand(place)`` where a component stands; names in it are escaped.
        style: Its style sheet, which may use our colours, ``var(--bw-text)`` and others, and Streamlit's.
        placed: The components in it.
        modules: Files in ``browser/`` that run once the page is read.
    """
    scripts = _scripts(placed, modules) if placed or modules else ""
    nonce = hashlib.sha256("\0".join((title, body, style, scripts)).encode()).hexdigest()[:32]
    for each in placed:
        body = body.replace(stand(each.place), _host(each, nonce))
    return _PAGE.format(
        policy=_policy(nonce),
        nonce=nonce,
        title=escape(title),
        style=f"{theme_style()}\n{style}",
        body=body,
        scripts=scripts.replace(_NONCE, nonce),
    )


def stand(place: str) -> str:
    """Return what stands in the body of a page for a component; no escaped text can hold it.

    Args:
        place: Address of the component's element.
    """
    return f"<!--{place}-->"


def theme_style() -> str:
    """Return a style sheet with the colours of the theme and of our drawings; on paper those of the light one."""
    light = _variables(_LIGHT, "st") + _variables(LIGHT, "bw")
    dark = _variables(_DARK, "st") + _variables(_DARK_NAMES, "bw")
    return (
        f":root {{ --st-font: system-ui, sans-serif; color-scheme: light dark; {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
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


def _policy(nonce: str) -> str:
    """Return what the page may do: show itself, its own pictures and those that it draws, and nothing else."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _host(each: Placed, nonce: str) -> str:
    # A script colours what it draws; on paper it has the colours of the light theme all the same.
    paper = "".join(f"--bw-{name}: {value} !important; " for name, value in LIGHT.items())
    return _HOST.format(
        place=each.place,
        nonce=nonce,
        css=text_of(f"{each.name}.css"),
        more=f"{text_of('alone.css')}{text_of('standalone.css')}@media print {{ .bw {{ {paper}}} }}",
        html=text_of(f"{each.name}.html"),
    )


def _scripts(placed: Sequence[Placed], run: Sequence[str]) -> str:
    """Return the modules of some components, and the script that starts them."""
    names = list(dict.fromkeys(each.name for each in placed))
    entries = (_STARTER, *(f"{name}.js" for name in names), *run)
    modules = {name: text for entry in entries for name, text in bundle(entry).items()}
    starts = [
        # "<" would let a task name end the script.
        f"start({name}, {json.dumps(each.place)}, {json.dumps(each.data)});".replace("<", "\\u003c")
        for each in placed
        for name in [each.name]
    ]
    imports = [f'import {{ start }} from "{_STARTER}";', *(f'import {name} from "{name}.js";' for name in names)]
    imports += [f'import "{name}";' for name in run]
    return _SCRIPTS.format(
        nonce=_NONCE,
        modules=json.dumps({"imports": {name: _address(text) for name, text in modules.items()}}),
        imports="\n".join(imports),
        starts="\n".join(starts),
    )


def _inside(folder: PurePosixPath, written: str) -> str:
    """Return the path in ``browser/`` of what a module of a folder imports."""
    return (BROWSER / folder / written).resolve().relative_to(BROWSER.resolve()).as_posix()


def _address(text: str) -> str:
    return f"data:text/javascript;base64,{base64.b64encode(text.encode()).decode()}"


def _variables(colours: Mapping[str, str], family: str) -> str:
    return "".join(f"--{family}-{name}: {value}; " for name, value in colours.items())
