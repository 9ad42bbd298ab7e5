"""The docs, where `make docs` has built them as a site: below ``/docs/``, so that pages can link into them."""

from typing import TYPE_CHECKING, Final

from app.ui.paths import ROOT

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

SITE: Final = ROOT / "site"
PREFIX: Final = "/docs"


def docs_link(page: str) -> str:
    """Return the address of a page of the docs on this server; empty where they are not built.

    Args:
        page: Its file in the site, such as ``numbers.html``.
    """
    return f"{PREFIX}/{page}" if (SITE / page).is_file() else ""


class DocsSite:
    """Middleware that answers with files of the site; everything else goes on.

    Args:
        app: The application to wrap.
    """

    def __init__(self, app: "ASGIApp") -> None:
        from starlette.applications import Starlette
        from starlette.routing import Mount
        from starlette.staticfiles import StaticFiles

        self._app = app
        self._site = Starlette(routes=[Mount(PREFIX, StaticFiles(directory=SITE, check_dir=False, html=True))])

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request."""
        if scope["type"] != "http" or not scope["path"].startswith(f"{PREFIX}/") or not SITE.is_dir():
            await self._app(scope, receive, send)
            return
        await self._site(scope, receive, send)
