"""Own code runs only where it is permitted, and only in the state that a study was made with."""

import sys

import pytest

from core.errors import CodeError
from core.own_code.called import called, imported
from core.own_code.located import located
from core.own_code.permission import permitted

NAME = "own_code_of_a_test"


@pytest.fixture
def root(tmp_path):
    (tmp_path / f"{NAME}.py").write_text(
        "from pathlib import Path\nimport own_part_of_a_test as part\n"
        "Path(__file__).with_name('seen').touch()\n"
        "def make(n=1): return n * part.factor\ndef fails(): raise ValueError('first\\nsecond')\n"
        "def ends(): raise SystemExit\nclass Net:\n    @classmethod\n    def tiny(cls): return 'tiny'\n"
    )
    (tmp_path / "own_part_of_a_test.py").write_text("factor = 2\n")
    yield tmp_path
    for name in (NAME, "own_part_of_a_test"):
        sys.modules.pop(name, None)


def test_nothing_is_imported_unless_it_is_permitted(root):
    for roots in (None, "left"):
        if roots == "left":
            with permitted([root]):
                pass
        with pytest.raises(CodeError, match=r"branchwise run STUDY\.toml"):
            called(f"{NAME}:make", {})
    with permitted([root]), permitted(None), pytest.raises(CodeError, match="only run where the owner"):
        imported(f"{NAME}:make")
    assert not (root / "seen").exists()


def test_functions_and_methods_are_called_with_their_arguments(root):
    path = list(sys.path)
    with permitted([root]):
        assert called(f"{NAME}:make", {"n": 3}) == 6
        assert called(f"{NAME}:Net.tiny", {}) == "tiny"
    assert sys.path == path
    assert not (root / "__pycache__").exists()


def test_a_changed_part_is_another_state_and_is_imported_anew(root):
    before = located(f"{NAME}:make", [root]).fingerprint
    with permitted([root]):
        assert called(f"{NAME}:make", {}, fingerprint=before) == 2
        # As long as before, and in the same second.
        (root / "own_part_of_a_test.py").write_text("factor = 5\n")
        with pytest.raises(CodeError, match="has changed since the study was made"):
            called(f"{NAME}:make", {}, fingerprint=before)
        assert called(f"{NAME}:make", {}) == 5
        (root / "own_part_of_a_test.py").write_text("factor = 2\n")
        assert called(f"{NAME}:make", {}, fingerprint=before) == 2


def test_the_same_name_in_another_folder_is_other_code(root, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / f"{NAME}.py").write_text("def make(): return 'other'\n")
    with permitted([root]):
        assert called(f"{NAME}:make", {}) == 2
    with permitted([other]):
        assert called(f"{NAME}:make", {}) == "other"


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("fails", {}, "fails: first. Check its args"),
        ("ends", {}, "it ends the process"),
        ("make", {"depth": 3}, "unexpected keyword argument"),
        ("mak", {}, 'has no "mak"'),
    ],
)
def test_code_that_fails_is_a_sentence(root, name, arguments, words):
    with permitted([root]), pytest.raises(CodeError, match=words) as fault:
        called(f"{NAME}:{name}", arguments)
    assert "second" not in str(fault.value)


@pytest.mark.parametrize(
    ("text", "words"), [("import sys\nsys.exit(3)", "ends the process"), ("import no_such_package", "Install it")]
)
def test_a_module_that_can_not_be_imported_is_a_sentence(tmp_path, text, words):
    (tmp_path / "broken_code_of_a_test.py").write_text(text)
    with permitted([tmp_path]), pytest.raises(CodeError, match=words):
        imported("broken_code_of_a_test:make")


def test_a_name_that_is_taken_by_another_module_is_said(tmp_path):
    (tmp_path / "pytest.py").write_text("def make(): return 1")
    with permitted([tmp_path]), pytest.raises(CodeError, match="Give yours another name"):
        imported("pytest:make")
