import pytest

from core.errors import StudyError
from core.studies import bundled
from core.studies.archive import write_archive


@pytest.fixture
def folder(tmp_path, monkeypatch, record, results, table_record):
    (tmp_path / "abacus.zip").write_bytes(write_archive(table_record, {}))
    (tmp_path / "scenes.zip").write_bytes(write_archive(record, results))
    (tmp_path / "scenes.toml").write_text("")
    monkeypatch.setattr(bundled, "FOLDER", tmp_path)


@pytest.mark.usefixtures("folder")
def test_archives_are_listed_with_the_one_to_open_first_at_the_front():
    assert bundled.bundled_studies() == ("scenes", "abacus")


@pytest.mark.usefixtures("folder")
def test_a_bundled_study_is_read(results):
    assert bundled.load_bundled("scenes").provenance.n_done == len(results)
    assert bundled.open_bundled("scenes").results == results


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["../scenes", "none", "scenes.zip", ""])
def test_other_names_get_a_sentence(name):
    with pytest.raises(StudyError, match="Choose from: scenes, abacus"):
        bundled.load_bundled(name)


@pytest.mark.parametrize("name", bundled.bundled_studies())
def test_every_study_that_is_shipped_opens_and_is_complete(name):
    study = bundled.load_bundled(name)
    assert study.name == name
    assert study.provenance.n_done == study.provenance.n_runs > 0
    assert not study.table.holes.any()
    assert study.gallery is not None
