"""References of the papers that Branchwise implements, from ``assets/papers.bib``."""

import re
from functools import cache

from app.ui.paths import ASSETS

TREEDNN, MULTI_PATH, TREE_MTL, VIRTUAL, BRANCHED = "treednn", "multipath", "treemtl", "dvn", "branched"
TAG = "tag"
_ENTRY = re.compile(r"^@\w+\{(\w+),\n.*?^\}", re.MULTILINE | re.DOTALL)


@cache
def entries() -> dict[str, str]:
    """Return key → BibTeX entry."""
    text = (ASSETS / "papers.bib").read_text(encoding="utf-8")
    return {found[1]: found[0] for found in _ENTRY.finditer(text)}
