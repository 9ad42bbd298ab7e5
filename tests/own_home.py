"""A home of its own for every test: none finds what another one left, and none writes into the user's."""

import os
import shutil
import tempfile
from itertools import count
from pathlib import Path

import pytest

from core.studies.home import VARIABLE

# Fixtures that many tests share run before any test has its home; they have to choose one, and this is not it.
NOBODYS_HOME = Path(tempfile.gettempdir()) / f"branchwise-home-of-no-test-{os.getpid()}"
os.environ[VARIABLE] = str(NOBODYS_HOME)
_NUMBERS = count()


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    """Give the home of this test, which nobody has made yet; fail it where something was stored without one."""
    home = tmp_path_factory.getbasetemp() / "homes" / str(next(_NUMBERS))
    monkeypatch.setenv(VARIABLE, str(home))
    yield home
    stored = sorted(path.name for path in NOBODYS_HOME.rglob("*"))
    shutil.rmtree(NOBODYS_HOME, ignore_errors=True)
    assert not stored, (
        f"A fixture of several tests, or a thread that outlived one, stored {stored}: choose a home there"
    )
