"""Whether the dashboard may run code of a study's author: only the owner of a server that was started so."""

import os
from pathlib import Path

from app.ui.owner import is_owner
from core.own_code.permission import VARIABLE


def own_code_roots() -> tuple[Path, ...] | None:
    """Return the folders that own code may be imported from; None where this browser may not run any."""
    folder = os.environ.get(VARIABLE, "").strip()
    return (Path(folder),) if folder and is_owner() else None


def why_no_own_code() -> str:
    """Return why own code can't be run from here, and the way out, as a sentence; empty where it can."""
    if own_code_roots() is not None:
        return ""
    return (
        "Networks of your own and of timm run code that is not part of Branchwise. Write a study file and run it with "
        "`branchwise run study.toml`, or start the dashboard in the folder of your code with `branchwise app "
        "--own-code` and open it as its owner."
    )
