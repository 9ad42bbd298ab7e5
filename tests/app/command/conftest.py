"""Run the console command as people do, in this process."""

import json

import pytest
from click.testing import CliRunner

from app.command.entry import main

TABLE = """branch,"(a, b)-0","(a, b)-1","(a, c)-0","(a, c)-1","(b, c)-0","(b, c)-1"
0,0,0,0,0,0,0
1,1,2,0.5,-1,1,1
2,2,1,-1,-2,1.5,0.5
3,-1,2,{hole},-3,-1,0
4,-2,-1,-3,-3,-2,1
"""


@pytest.fixture
def call(monkeypatch, tmp_path):
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path / "home"))

    def run(*words):
        return CliRunner().invoke(main, [str(word) for word in words])

    return run


@pytest.fixture
def answer(call):
    """Give the JSON of a call that should work."""

    def run(*words):
        found = call(*words, "--json")
        assert found.exit_code == 0, found.stderr
        assert found.stderr == ""
        return json.loads(found.stdout)

    return run


@pytest.fixture
def refusal(call):
    """Give the sentence of a call that should not work."""

    def run(*words):
        found = call(*words)
        assert found.exit_code == 2, (found.stdout, found.stderr, found.exception)
        assert found.stdout == ""
        sentence = found.stderr.rstrip("\n")
        assert sentence
        assert "\n" not in sentence
        assert "Traceback" not in sentence
        return sentence

    return run


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(TABLE.format(hole="-2"))
    return path


@pytest.fixture
def holey(tmp_path):
    path = tmp_path / "holey.csv"
    path.write_text(TABLE.format(hole=""))
    return path
