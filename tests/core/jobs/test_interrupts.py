"""Ctrl-C reaches every process of a terminal; workers leave it to their host."""

import os
import signal

from core.jobs.interrupts import dask_setup


def test_a_worker_ignores_ctrl_c():
    before = signal.getsignal(signal.SIGINT)
    try:
        dask_setup(None)
        os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
