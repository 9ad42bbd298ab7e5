"""Ctrl-C in a worker: left to the host, which gets the same signal from the terminal and stops its workers itself."""

import signal


def dask_setup(_: object) -> None:
    """Ignore SIGINT in this worker process; Dask calls this when the worker starts."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
