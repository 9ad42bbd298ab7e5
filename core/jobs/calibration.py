"""Measure the speed of this machine in a process of its own, while the dashboard goes on."""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from core.errors import StudyError
from core.studies.calibration import CalibrationRequest, stored_calibration
from core.studies.home import VARIABLE, made

# By name: only the process started here imports torch.
CALIBRATE = "core.training.calibrate"
# "off": estimates before the first run stay guesses.
SWITCH = "BRANCHWISE_CALIBRATION"

# One at a time: two would slow each other down. Pages of several users run in threads of one process.
_LOCK = threading.Lock()
_RUNNING: dict[Path, subprocess.Popen[bytes]] = {}
_TRIED: set[Path] = set()


def calibrate_in_background(home: Path, request: CalibrationRequest, code: Sequence[Path | str] | None = None) -> bool:
    """Start to measure the speed of a backbone unless it is known; return whether a measurement is going on.

    One that failed is not repeated by this process. A network of the user's own, or of timm, is only measured where
    its owner allows it.

    Args:
        home: The folder of Branchwise, where the result is kept.
        request: What decides the speed.
        code: Folders that the code of the backbone may be imported from; None where it may not be run.
    """
    if request.backbone.needs_permission and code is None:
        return False
    file = request.file(home)
    with _LOCK:
        for ended in [place for place, process in _RUNNING.items() if process.poll() is not None]:
            del _RUNNING[ended]
        if file in _RUNNING:
            return True
        if os.environ.get(SWITCH, "") == "off" or stored_calibration(home, request) is not None or file in _TRIED:
            return False
        if _RUNNING:
            return True  # it is the next one
        _TRIED.add(file)
        with contextlib.suppress(OSError, StudyError):
            _RUNNING[file] = _start(made(home), request, code)
        return file in _RUNNING


def _start(home: Path, request: CalibrationRequest, code: Sequence[Path | str] | None) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", CALIBRATE, *([] if code is None else ["--own-code", *map(_absolute, code)])],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, VARIABLE: str(home)},
        cwd=Path(sys.prefix),
    )
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError), process.stdin as stream:
        stream.write(request.model_dump_json().encode())
    return process


def _absolute(folder: Path | str) -> str:
    return str(Path(folder).absolute())
