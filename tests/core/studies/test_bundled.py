import numpy as np
import pytest

from core.errors import StudyError
from core.families.multipath.results import MultiPathResults
from core.families.rivals.results import RivalResults
from core.families.treednn.results import TreeResults
from core.families.virtual.results import VirtualResults
from core.studies import bundled
from core.studies.archive import write_archive
from tests.core.studies.archive_parts import zipped


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
@pytest.mark.parametrize("name", ["scenes", "abacus"])
def test_the_title_is_that_of_the_whole_study(name):
    assert bundled.bundled_title(name) == bundled.load_bundled(name).title


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04", zipped({"study.json": b"{"})])
def test_a_damaged_archive_has_no_title_but_a_sentence(tmp_path, content):
    (tmp_path / "scenes.zip").write_bytes(content)
    with pytest.raises(StudyError, match=r"scenes\.zip is damaged.*[^.]\. Install"):
        bundled.bundled_title("scenes")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["../scenes", "none", "scenes.zip", ""])
def test_other_names_get_a_sentence(name):
    with pytest.raises(StudyError, match="Choose from: scenes, abacus"):
        bundled.load_bundled(name)


@pytest.mark.parametrize("name", bundled.bundled_studies())
def test_every_study_that_is_shipped_opens_and_is_complete(name):
    study = bundled.load_bundled(name)
    assert study.name == name
    assert study.title == bundled.bundled_title(name)
    assert study.provenance.n_done == study.provenance.n_runs > 0
    assert study.gallery is not None
    tree, paths, virtual = (study.result(kind) for kind in (TreeResults, MultiPathResults, VirtualResults))
    rivals = study.result(RivalResults)
    networks = [] if rivals is None else [*rivals.methods]
    if paths is not None:
        networks += [*paths.networks, paths.matrix]
    if virtual is not None:
        networks += [*virtual.networks, *(() if virtual.alone is None else (virtual.alone,))]
    for scores in networks:
        assert all(np.isfinite(gains).all() for gains in scores.gains.values())
    if networks:
        return
    if tree is None:
        assert not study.table.holes.any()
        return
    for branch in tree.branches:
        reached = (branch.specialised, branch.dedicated, *(() if branch.is_graft else (branch.generalised,)))
        assert not any(np.isnan(values).any() for phase in reached for values in phase.values())
    # The trunk and what one branch leaves alone were hashed before and after.
    assert tree.n_unchanged == tree.n_compared > 0
