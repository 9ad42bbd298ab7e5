"""Our components: ES modules that import each other, served as they lie in ``browser/``.

Streamlit 1.67 takes the JavaScript of a component either as one string, which it sends again with every change of the
component's data, or as the path of a file in a folder that a component manifest names; the browser then loads that file
by its address, caches it, and resolves what it imports. Only the second way allows modules. Streamlit finds a manifest
by itself in an installed package whose *import* name is that of the distribution, which ours (``app``, ``core``) are
not, so the manifest is handed to the component manager here. Its static folder (``enableStaticServing``) is no way: it
lies outside the component's address and cannot be named from a component's script without knowing the base path.
Styles stay strings: a style sheet that arrives later than the drawing would let the drawing measure the wrong width.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

PACKAGE = "branchwise"
BROWSER = Path(__file__).parent / "browser"


class Component:
    """A component of ours by the name of its files in ``browser/``.

    Args:
        name: Of ``<name>.js``, ``<name>.html`` and ``<name>.css``.
        alone: Whether it answers itself, as in a file without a server: then nothing that is done in it runs the page
            again. Its data are then ``{"component": name, "data": …}``.
    """

    def __init__(self, name: str, *, alone: bool = False) -> None:
        self.name, self.alone = name, alone

    def __call__(self, **arguments: Any) -> None:  # noqa: ANN401  # Streamlit's own arguments
        """Show the component; takes what Streamlit's component takes.

        Args:
            **arguments: ``key``, ``data`` and ``on_<name>_change``.
        """
        _declare(registered_name(self.name, self.alone), get_bidi_component_manager())
        _renderer(self.name, self.alone)(**arguments)


def text_of(name: str) -> str:
    """Return the text of a file of ours.

    Args:
        name: Path below ``browser/``.
    """
    return (BROWSER / name).read_text(encoding="utf-8")


def registered_name(name: str, alone: bool) -> str:
    """Return the name under which a component is registered: it may stand on a page in both ways."""
    return f"{name}_alone" if alone else name


def full_name(name: str) -> str:
    """Return the name under which Streamlit knows a component.

    Args:
        name: Of its files.
    """
    return f"{PACKAGE}.{name}"


def _declare(name: str, manager: BidiComponentManager) -> None:
    """Tell a manager where our files are; each runtime, as of a test, has a manager of its own."""
    if manager.get_component_asset_root(full_name(name)) is None:
        config = ComponentConfig(name=name, asset_dir=BROWSER.name)
        manager.register_from_manifest(ComponentManifest(PACKAGE, "", [config]), BROWSER.parent)


@cache
def _renderer(name: str, alone: bool) -> "ComponentRenderer":
    return st.components.v2.component(
        full_name(registered_name(name, alone)),
        html=text_of(f"{name}.html"),
        css=text_of(f"{name}.css") + (text_of("alone.css") if alone else ""),
        js="runtime/alone.js" if alone else f"{name}.js",
    )
