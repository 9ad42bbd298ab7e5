"""Threads of every test process; a file before ``tests/conftest.py``, which loads numpy."""

import os

# Two workers of pytest share the cores; each with a thread per core would wait for the other's. Libraries of linear
# algebra read this as they are loaded and never again.
for library in ("OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
