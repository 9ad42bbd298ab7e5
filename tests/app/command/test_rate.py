"""``branchwise rate`` prints a curve and a rate for a study file, and one sentence where it can't."""

import json

import pytest
from click.testing import CliRunner

from app.command.entry import main
from tests.core.training.test_rate_finder import STUDY


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(STUDY)
    return path


def test_it_prints_a_rate(study):
    found = CliRunner().invoke(main, ["rate", str(study), "--steps", "30", "--json"])
    assert found.exit_code == 0, found.stderr
    document = json.loads(found.stdout)
    assert document.keys() == {"rates", "losses", "lowest", "suggested"}
    said = CliRunner().invoke(main, ["rate", str(study), "--steps", "30"])
    assert f"learning_rate = {document['suggested']:g}" in said.stdout


def test_a_study_without_its_data_is_one_sentence(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text('name = "x"\ntasks = ["a", "b"]\n[dataset]\nname = "folder"\npath = "nowhere"\n')
    found = CliRunner().invoke(main, ["rate", str(path)])
    assert found.exit_code == 2
    assert found.stderr.count("\n") == 1
