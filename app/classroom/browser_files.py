"""Files that followers load: our components as they lie in ``browser/``, and the dashboard's font."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from app.components.served import BROWSER

TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}


@cache
def font_file() -> bytes:
    """Return the dashboard's own font, as Streamlit brings it along; empty where it lies elsewhere."""
    import streamlit

    found = sorted((Path(streamlit.__file__).parent / "static").rglob("SourceSans*Upright*.woff2"))
    return found[0].read_bytes() if found else b""


@cache
def files() -> dict[str, bytes]:
    """Return our components' files by their path below ``browser/``."""
    return {
        path.relative_to(BROWSER).as_posix(): path.read_bytes()
        for path in sorted(BROWSER.rglob("*"))
        if path.suffix in TYPES
    }


@cache
def files_digest() -> str:
    """Return what changes whenever one of our files does, so that browsers may keep them for ever."""
    return hashlib.sha256(b"\0".join(files().values())).hexdigest()[:16]
