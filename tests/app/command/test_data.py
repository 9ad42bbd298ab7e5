"""What a data set holds, said before anything is trained."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from app.command.entry import main


def run(*words):
    return CliRunner().invoke(main, ["data", *map(str, words)])


@pytest.fixture
def people(tmp_path):
    rows = ["file;age;sex;score;tags"]
    for n in range(50):
        Image.new("RGB", (8, 8), (n * 5, 0, 0)).save(tmp_path / f"{n}.png")
        rows.append(f"{n}.png;{20 + n};{'fm'[n % 3 == 0]};{n / 4 if n % 10 else 'n/a'};{'a,b'[: n % 4]}")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    return tmp_path


def test_columns_are_shown_with_kind_counts_and_baseline_and_what_is_in_doubt_is_asked(people):
    result = run(people)
    assert result.exit_code == 0, result.output
    lines = {line.split()[0]: line for line in result.output.splitlines() if line.strip()}
    assert "regression" in lines["score"]
    assert "45" in lines["score"]
    assert "66.0 %" in lines["sex"]
    assert "20 to 69, median 44.5; 50 different values" in lines["age"]
    assert 'age = "regression"' in lines["Question:"]
    assert "Example: file 0.png, age 20, sex m, score (missing)" in result.output
    assert '5 cells of "score" hold "n/a" and are read as missing labels.' in result.output


def test_a_study_file_says_the_kinds(people):
    study = people / "study.toml"
    kinds = '[dataset.kinds]\nage = "regression"\n'
    study.write_text(f'name = "x"\ntasks = ["age", "sex"]\n[dataset]\nname = "folder"\npath = "."\nsize = 16\n{kinds}')
    result = run(study, "--json")
    (found,) = json.loads(result.output)["data"]
    assert {each["name"]: each["kind"] for each in found["columns"]}["age"] == "regression"
    assert found["splits"] == {"train": 30, "validation": 10, "test": 10}
    assert found["columns"][0]["baseline"] == "median 44.5"


def test_arrays_are_described(tmp_path):
    np.savez(tmp_path / "a.npz", pictures=np.zeros((40, 16, 16), np.uint8) + 99, age=np.arange(40.0))
    toml = tmp_path / "a.toml"
    toml.write_text('file = "a.npz"\n[tasks.age]\nkind = "regression"\nn_outputs = 1\n')
    assert "regression" in run(toml).output
    assert "24 train, 8 validation, 8 test" in run(toml).output


@pytest.mark.parametrize("name", ["nothing", "labels.csv"])
def test_what_is_no_data_set_gets_one_sentence(people, name):
    result = run(people / name)
    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 1


def test_a_data_set_of_own_code_is_looked_at_where_its_owner_names_the_study_file(tmp_path):
    (tmp_path / "mendb_own.py").write_text(
        "import numpy as np\n"
        "def make():\n"
        "    one = [(np.full((16, 16, 3), n, np.uint8), {'age': n + 0.5, 'odd': n % 2}) for n in range(12)]\n"
        "    return {'train': one, 'validation': one, 'test': one}\n"
    )
    study = tmp_path / "study.toml"
    study.write_text(
        'name = "x"\ntasks = ["age", "odd"]\n[dataset]\nname = "python"\nfactory = "mendb_own:make"\nsize = 16\n'
    )
    result = run(study)
    assert result.exit_code == 0, result.output
    assert "12 train, 12 validation, 12 test" in result.output
    assert "regression" in result.output
