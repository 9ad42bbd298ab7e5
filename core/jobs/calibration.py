"""Measure the speed of this machine in a process of its own, while the dashboard goes on."""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from core.errors import StudyError
from core.studies.calibration import CalibrationRequest, stored_calibration
from core.studies.home import VARIABLE, made

# By name: only the process started here imports torch.
CALIBRATE = "core.training.calibrate"
# "off": estimates before the first run stay guesses.
SWITCH = "BRANCHWISE_CALIBRATION"
# Exit code of a measurement that says why it was not made.
REFUSED = 2

# One at a time: two would slow each other down. Pages of several users run in threads of one process.
_LOCK = threading.Lock()
_RUNNING: dict[Path, subprocess.Popen[bytes]] = {}
_TRIED: set[Path] = set()
# What those that are running, and those that failed, have to say.
_SAID: dict[Path, IO[bytes]] = {}
_FAULTS: dict[Path, str] = {}
_MOST_SAID = 600


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
            _keep_fault(ended, _RUNNING.pop(ended).returncode)
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


def calibration_fault(home: Path, request: CalibrationRequest) -> str:
    """Return why a backbone can't be measured, as a sentence; empty where nothing is known against it."""
    with _LOCK:
        return _FAULTS.get(request.file(home), "")


def _keep_fault(file: Path, code: int) -> None:
    with _SAID.pop(file) as stream:
        stream.seek(0)
        said = stream.read(1_000_000).decode(errors="replace").strip()
    # Faults of the measurement itself come last, in a line.
    if code == REFUSED and said:
        _FAULTS[file] = said.splitlines()[-1][:_MOST_SAID]


def _start(home: Path, request: CalibrationRequest, code: Sequence[Path | str] | None) -> subprocess.Popen[bytes]:
    said = _SAID[request.file(home)] = tempfile.TemporaryFile()  # noqa: SIM115  # read when it has ended
    process = subprocess.Popen(
        [sys.executable, "-m", CALIBRATE, *([] if code is None else ["--own-code", *map(_absolute, code)])],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=said,
        env={**os.environ, VARIABLE: str(home)},
        cwd=Path(sys.prefix),
    )
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError), process.stdin as stream:
        stream.write(request.model_dump_json().encode())
    return process


def _absolute(folder: Path | str) -> str:
    return str(Path(folder).absolute())
