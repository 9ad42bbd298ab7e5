"""The page on which members follow the presenter: a frame that ``class_follow.js`` fills, without Streamlit."""

from typing import Final

from app.classroom.join_page import FONT
from app.components.served import text_of
from app.components.standalone import theme_style

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>Following · Branchwise</title><style>{style}</style></head>
<body><header><p class="connection" role="status">Connecting …</p>
<a class="own" href="/" hidden>Go on by yourself</a></header>
<main><div class="head"><h1>Waiting for the presenter</h1>
<p class="caption">What the presenter shows will appear here.</p></div>
<div class="figures"></div><p class="rest" hidden></p></main>
<noscript>This page needs JavaScript. The pages of the dashboard need it, too.</noscript>
<script type="module" src="/class/browser/{digest}/class_follow.js"></script></body></html>
"""


def follow_page(digest: str) -> str:
    """Return the page.

    Args:
        digest: Part of the address of our components' files.
    """
    return _PAGE.format(style=theme_style() + FONT + text_of("class_follow.css"), digest=digest)
