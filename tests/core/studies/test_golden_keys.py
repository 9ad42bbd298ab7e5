"""The keys of the runs of bundled studies: a key that changes would lose every result that was trained."""

import hashlib

import pytest

from core.jobs.submission import with_parents
from core.studies.bundled import FOLDER
from core.studies.expand import expand
from core.studies.specification import read_study


@pytest.mark.parametrize(
    ("name", "n_runs", "digest"),
    [
        ("scenes", 206, "9b4b2085491eefb269eb245defccdad1"),
        ("digits", 275, "090439df6b96bcfb4d0e297e020101fe"),
        ("scenes5", 111, "91f77c0a8131483ef2d440c99300b77c"),
        ("mnist5k4", 756, "5d141bd46c4366c7cea7712c09041846"),
        ("five", 912, "d9eba75f4e222e960c4f76c3421ca6a2"),
        ("treednn", 55, "0d8b995691996f4254262d9e323d9546"),
        ("paths-hierarchy", 86, "a901f84cf45e9aaaffaefd3e6dfa478a"),
        ("paths-split", 101, "3bb771279b6fc705d0ed7e1eb09dae5f"),
        ("paths-curriculum", 86, "88d02489a16e2131527b7d15afe1a139"),
        ("virtual-joint", 126, "87f0ed5f471e0e35d089666f32ddcab7"),
        ("virtual-sets", 30, "38ff3c59e0994427b8fa4592b44c9feb"),
        ("virtual-hierarchy", 81, "40eae477820b16e1abd000a8c6a2fc76"),
        ("virtual-sequence", 41, "6f2049091078cf85c4b501d46c63c7b9"),
    ],
)
def test_keys_of_runs_are_those_they_were_trained_as(name, n_runs, digest):
    keys = [run.key for run in with_parents(expand(read_study(FOLDER / f"{name}.toml")))]
    assert len(keys) == len(set(keys)) == n_runs
    assert hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()[:32] == digest
