"""The bundled tree study: its runs are those it was trained as, and a forged one is a sentence."""

import io
import json
import zipfile

import pytest

from core.errors import StudyError
from core.families.treednn.results import TreeResults
from core.families.treednn.submission import expand
from core.studies.archive import import_archive, open_archive
from core.studies.bundled import FOLDER
from core.studies.database import Database
from core.studies.documents import write_json
from core.studies.specification import read_study
from core.studies.study_file import write_study

BUNDLED = FOLDER / "treednn.zip"


def members():
    with zipfile.ZipFile(BUNDLED) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def forged(**changed):
    """Give the bundled study with some of its JSON members changed in place."""
    content = members()
    for name, change in changed.items():
        document = json.loads(content[f"{name}.json"])
        change(document)
        content[f"{name}.json"] = json.dumps(document).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def in_every_run(**values):
    def change(document):
        for run in document["runs"].values():
            run["payload"].update(values)

    return change


def test_every_run_of_the_bundled_study_is_known_by_its_key():
    opened = open_archive(BUNDLED)
    runs = expand(opened.record.specification)
    assert len(runs) == 55
    assert {run.key for run in runs} == set(opened.results)
    # The file it was made from still asks for the very same.
    asked = expand(read_study(FOLDER / "treednn.toml"))
    assert [run.key for run in asked] == [run.key for run in runs]


def test_the_bundled_study_can_be_written_as_a_file(tmp_path):
    specification = open_archive(BUNDLED).record.specification
    (tmp_path / "study.toml").write_text(write_study(specification), encoding="utf-8")
    assert read_study(tmp_path / "study.toml") == specification


@pytest.mark.parametrize("kind", ["generalised", "specialised", "grafted"])
@pytest.mark.parametrize("field", ["params", "seconds"])
def test_more_than_a_network_of_the_tree_has_is_a_sentence(kind, field):
    keys = [run.key for run in expand(open_archive(BUNDLED).record.specification) if run.kind == kind]

    def change(document):
        document["runs"][keys[0]][field] += 10_000 if field == "params" else 1e300

    with pytest.raises(
        StudyError, match="in blocks; by the study's backbone at most" if field == "params" else "secon"
    ):
        open_archive(forged(runs=change))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"rows": {"handwriting": 1, "solids": 1, "patterns": 1, "colours": 1, "odd digits": 1}}, "speaks of"),
        ({"rows": {"<script>": 1}}, "speaks of '<script>'"),
        ({"rows": {}}, "does not say how many rows"),
        ({"digests": {"x" * 1000: "0" * 64}}, r"speaks of 'x{64}'"),
        ({"digests": {"": "no hash"}}, "is damaged at"),
        ({"alike": {"<b>": [0.5]}}, "speaks of '<b>'"),
        ({"alike": {"colours": [1e308, 1e308]}}, "should be 1 or less"),
        ({"alike": {"colours": [0.5] * 1000}}, "at most 80"),
        ({"alike": {"colours": [float("nan")]}}, "NaN"),
    ],
)
def test_results_that_speak_of_other_branches_are_a_sentence(values, sentence):
    with pytest.raises(StudyError, match=sentence) as caught:
        open_archive(forged(runs=in_every_run(**values)), lazy=True)
    assert len(str(caught.value)) < 300


def test_a_trunk_without_a_hash_or_from_another_machine_is_not_compared():
    bare = open_archive(forged(runs=in_every_run(digests={})), lazy=True).study().result(TreeResults)
    assert (bare.n_compared, bare.n_unchanged) == (0, 0)
    opened = open_archive(BUNDLED, lazy=True)
    first = expand(opened.record.specification)[0]
    moved = opened.results[first.key].model_copy(
        update={
            "payload": {**opened.results[first.key].payload, "digests": {"": "0" * 64}},
            "environment": opened.results[first.key].environment.model_copy(update={"machine": "another"}),
        }
    )
    # One seed's tree was grown again elsewhere: its four second phases and its graft began with the old one.
    tree = opened.record.study({**opened.results, first.key: moved}).result(TreeResults)
    assert (tree.n_compared, tree.n_unchanged) == (20, 20)


@pytest.mark.parametrize(
    ("first", "later", "counts"),
    [
        ("", "", (20, 20)),
        ("AVX2, oneDNN AVX2", "AVX512, oneDNN AVX512", (20, 20)),
        ("AVX2, oneDNN AVX2", "", (20, 20)),
        ("AVX2, oneDNN AVX2", "AVX2, oneDNN AVX2", (25, 20)),
    ],
)
def test_a_changed_trunk_is_reported_only_where_both_phases_are_known_to_compute_the_same(first, later, counts):
    """What is not recorded explains any difference; a trunk that is equal is equal whatever computed it."""
    opened = open_archive(BUNDLED, lazy=True)
    place = expand(opened.record.specification)[0].key

    def computed_with(result, instructions):
        environment = result.environment.model_copy(update={"instructions": instructions})
        return result.model_copy(update={"environment": environment})

    results = {key: computed_with(result, later) for key, result in opened.results.items()}
    grown = computed_with(results[place], first)
    results[place] = grown.model_copy(update={"payload": {**grown.payload, "digests": {"": "0" * 64}}})
    tree = opened.record.study(results).result(TreeResults)
    assert (tree.n_compared, tree.n_unchanged) == counts


def test_nothing_is_read_from_where_an_archive_says_that_data_lie(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    def in_a_folder(document):
        for each in document["specification"]["dataset"]["sets"]:
            each["dataset"] = {"name": "folder", "path": str(elsewhere), "fingerprint": ""}

    def nothing_trained(document):
        document["runs"] = {}

    elsewhere.chmod(0)
    database = Database(tmp_path / "studies.sqlite")
    before = elsewhere.stat().st_atime_ns
    name = import_archive(
        forged(study=in_a_folder, runs=nothing_trained, curves=dict.clear, samples=dict.clear), database
    )
    assert database.study(name).result(TreeResults) is not None
    assert elsewhere.stat().st_atime_ns == before
    assert write_json(sorted(path.name for path in tmp_path.iterdir())).count("elsewhere") == 1
