import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import StudyError
from core.studies.specification import read_study
from core.toml_text import TomlError, read_toml

TEXT = 'name = "mine"\ntasks = ["depth", "edges"]\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_study_file_is_read_however_it_was_saved(tmp_path, encoding, ending):
    (tmp_path / "mine.toml").write_bytes(TEXT.replace("\n", ending).encode(encoding))
    assert read_study(tmp_path / "mine.toml").tasks == ("depth", "edges")


@pytest.mark.parametrize("path", [r"C:\Users\me\pics", r"C:\pics\own", r"\\server\share", r"D:\data\x"])
def test_a_backslash_between_double_quotes_is_explained_with_its_line(tmp_path, path):
    (tmp_path / "mine.toml").write_text(f'{TEXT}[dataset]\nname = "folder"\npath = "{path}"\n')
    with pytest.raises(StudyError, match=r"mine\.toml has a backslash .* in line 5.*single quotes\."):
        read_study(tmp_path / "mine.toml")


def test_a_path_whose_backslash_is_taken_for_a_tab_is_explained(tmp_path):
    (tmp_path / "mine.toml").write_text(f'{TEXT}[dataset]\nname = "folder"\npath = "C:\\temp"\n')
    with pytest.raises(StudyError, match="instead of"):
        read_study(tmp_path / "mine.toml")


def test_single_quotes_and_slashes_are_fine(tmp_path):
    for path in (r"'C:\Users\me'", '"C:/Users/me"'):
        (tmp_path / "mine.toml").write_text(f'{TEXT}[dataset]\nname = "folder"\npath = {path}\n')
        assert read_study(tmp_path / "mine.toml").dataset.path.endswith("me")


@given(st.binary(max_size=80))
def test_any_bytes_are_a_document_or_one_clause(data):
    try:
        assert isinstance(read_toml(data), dict)
    except TomlError as fault:
        assert str(fault).isprintable()  # noqa: PT017
