"""An SVG of ours on a page, in the colours of the theme that is on."""

import streamlit as st

from app.components.source import source

_JS = """
export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".bw");
  if (!root || !data) return;
  paintNames(root);
  if (root.dataset.shown !== data.svg) {
    root.innerHTML = data.svg;
    root.dataset.shown = data.svg;
  }
}
"""
_DRAWING = st.components.v2.component(
    "branchwise_drawing",
    html='<div class="bw">\n</div>',
    css=".bw { font-family: var(--st-font); }\n svg { display: block; width: 100%; height: auto; overflow: visible; }",
    js=_JS + source("palette.js"),
)


def drawing(svg: str, *, key: str) -> None:
    """Show an SVG text that one of our chart functions made."""
    _DRAWING(key=key, data={"svg": svg})
