"""What processes connect to: their connections are written to a file while they run."""

import ipaddress
import os
from pathlib import Path

GUARD = Path(__file__).parent / "guard"
ROOT = Path(__file__).parents[1]


def guarded(log, home):
    """Return the environment of a process whose connections are written to a file."""
    path = os.pathsep.join([str(GUARD), str(ROOT), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path, "GUARD_LOG": str(log), "BRANCHWISE_HOME": str(home)}


def places(log):
    """Return the names and addresses that guarded processes connected to or looked up."""
    return {line.split(" ", 1)[1] for line in log.read_text().splitlines()}


def is_here(place):
    try:
        return ipaddress.ip_address(place).is_loopback
    except ValueError:
        # A socket in the file system is of this machine; so is its own name, which is not looked up elsewhere.
        return place in ("localhost", "", "None") or place.startswith(("/", "\0", "b'"))
