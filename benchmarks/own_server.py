"""A server of a benchmark's own: started on a free port, awaited until it listens and has nothing left to do."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60.0
# A server that uses less of a core than this for two seconds has finished what it does after a start.
IDLE_PERCENT = 4.0
CALM = 4


def free_port() -> int:
    """Return a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def started(home: str | Path, port: int, *command: str) -> subprocess.Popen[bytes]:
    """Start a dashboard.

    Args:
        home: Its folder.
        port: A free one.
        command: Of ``branchwise``, with its options but those of the port.
    """
    return subprocess.Popen(
        [sys.executable, "-m", "app.command", *command, "--headless", "--port", str(port)],
        env={**os.environ, "BRANCHWISE_HOME": str(home)},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_until_listening(port: int, server: subprocess.Popen[bytes]) -> None:
    """Return when a server listens.

    Raises:
        SystemExit: It ended, or it doesn't within a minute.
    """
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if server.poll() is not None:
            raise SystemExit(f"The server ended at once, with {server.returncode}.")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"The server did not listen within {PATIENCE:.0f} s.")


def wait_until_idle(process: psutil.Process | None) -> None:
    """Return when a server has finished what it does after a start, or after a minute."""
    if process is None:
        return
    until = time.monotonic() + PATIENCE
    calm = 0
    while calm < CALM and time.monotonic() < until:
        calm = calm + 1 if process.cpu_percent(interval=0.5) < IDLE_PERCENT else 0
