"""The page on which somebody joins a class: one field, one button, no script."""

from html import escape
from typing import Final

from app.components.standalone import theme_style

UNENCRYPTED: Final = (
    "This connection is not encrypted. Somebody else on this network could read the pass-phrase, the pages you open "
    "and your guesses, and could act in your place. Type nothing here that has to stay secret."
)
_ENCRYPTED: Final = "This connection is encrypted."
_PRIVACY: Final = (
    "You need no name. The server keeps your guesses under a random number and deletes them when the class ends."
)
# The dashboard's.
FONT: Final = """
@font-face { font-family: "Source Sans"; src: url("/class/font.woff2") format("woff2"); font-weight: 200 900;
  font-display: swap; }
:root { --st-font: "Source Sans", system-ui, sans-serif; }
"""
STYLE: Final = """
body { background: var(--st-background-color); color: var(--st-text-color); font-family: var(--st-font);
  margin: 0; line-height: 1.5; }
main { box-sizing: border-box; max-width: 30rem; margin: 12vh auto 2rem; padding: 0 1.25rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .5rem; }
form { display: grid; gap: .75rem; margin: 1.5rem 0; }
label { font-weight: 600; }
input { font: inherit; font-size: 1.25rem; padding: .7rem .8rem; color: inherit; min-width: 0;
  background: var(--st-secondary-background-color); border: 1px solid var(--bw-dominated); border-radius: .5rem; }
button { font: inherit; font-size: 1.1rem; font-weight: 600; padding: .75rem 1rem; border: 0; border-radius: .5rem;
  background: var(--st-primary-color); color: var(--st-background-color); cursor: pointer; }
input:focus-visible, button:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
.fault { border-left: 4px solid var(--bw-task-0); padding: .5rem .75rem; margin: 0;
  background: var(--st-secondary-background-color); }
.note { color: var(--bw-muted); font-size: .95rem; }
"""
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>{title} · Branchwise</title><style>{style}</style></head>
<body><main><h1>{title}</h1>
{body}</main></body></html>
"""
_FORM: Final = """<p>See what the presenter shows, guess, and try it yourself.</p>
<form method="post" action="/class/join">
{fault}<label for="phrase">Pass-phrase</label>
<input id="phrase" name="phrase" value="{phrase}" placeholder="three words" autocomplete="off" autocapitalize="none"
 spellcheck="false" required maxlength="100" autofocus{described}>
<button>Join</button></form>
<p class="note">{connection}</p><p class="note">{privacy}</p>"""


def join_page(fault: str, phrase: str, *, encrypted: bool) -> str:
    """Return the page.

    Args:
        fault: Why the last try failed; empty at the first.
        phrase: To begin with, as from a QR code.
        encrypted: Whether the browser reached this server by TLS.
    """
    form = _FORM.format(
        fault=f'<p class="fault" id="fault" role="alert">{escape(fault)}</p>' if fault else "",
        described=' aria-describedby="fault" aria-invalid="true"' if fault else "",
        phrase=escape(phrase),
        connection=_ENCRYPTED if encrypted else UNENCRYPTED,
        privacy=_PRIVACY,
    )
    return _page("Join the class", form)


def ended_page() -> str:
    """Return the page in its place once the class has ended: nobody can join any more."""
    return _page("The class has ended", "<p>What the server kept of it is deleted, all guesses included.</p>")


def _page(title: str, body: str) -> str:
    return _PAGE.format(style=theme_style() + FONT + STYLE, title=title, body=body)
