"""The browser side of our components, read from the files beside this one."""

from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent


@cache
def source(name: str, *parts: str) -> str:
    """Give the text of one of our HTML, CSS or JavaScript files, then its parts; scripts come with the palette."""
    text = "\n".join((_HERE / each).read_text(encoding="utf-8") for each in (name, *parts))
    if name.endswith(".js") and name != "palette.js":
        text += "\n" + (_HERE / "palette.js").read_text(encoding="utf-8")
    return text
