import os
import subprocess
import sys

from app.ui.paths import ROOT
from core.studies.home import VARIABLE

TESTS = """
import pytest

from core.studies.home import home, made

@pytest.fixture(scope="module")
def shared():
    (made(home()) / "studies.sqlite").touch()

def test_first():
    assert not home().exists()
    (made(home()) / "studies.sqlite").touch()

def test_second():
    assert not home().exists()

def test_with_a_shared_fixture(shared):
    pass

def test_after_it():
    pass
"""


def test_tests_have_homes_of_their_own_and_the_given_one_is_left_alone(tmp_path):
    (tmp_path / "test_homes.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.own_home", "-q", "-c", os.devnull, "test_homes.py"],
        env={**os.environ, VARIABLE: str(tmp_path / "given"), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "4 passed, 1 error" in done.stdout
    assert "ERROR test_homes.py::test_with_a_shared_fixture" in done.stdout
    assert not (tmp_path / "given").exists()
