"""Which state of own code a study means: told by content, wherever it lies, without importing anything."""

import sys

import pytest

from core.errors import CodeError
from core.own_code.located import located


@pytest.fixture
def root(tmp_path):
    """Return a folder with a module, what it imports in every way, and what it doesn't."""
    files = {
        "net.py": "import parts.conv\nfrom parts import norm\ndef make(): import late\nraise SystemExit('imported')",
        "parts/__init__.py": "",
        "parts/conv.py": "from . import deep\nfrom .deep import x",
        "parts/deep.py": "x = 1",
        "parts/norm.py": "import torch",
        "parts/other.py": "",
        "late.py": "",
        "unused.py": "",
    }
    for name, text in files.items():
        (tmp_path / "a" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "a" / name).write_text(text)
    return tmp_path / "a"


def test_what_is_imported_from_beside_it_belongs_to_it_and_nothing_is_imported(root):
    found = located("net:make", [root])
    names = {"net", "parts", "parts.conv", "parts.deep", "parts.norm", "late"}
    assert set(found.contents) == names
    assert found.root == root
    assert "net" not in sys.modules


@pytest.mark.parametrize("name", ["net.py", "parts/__init__.py", "parts/deep.py", "late.py"])
def test_a_change_of_any_of_it_is_another_state(root, name):
    before = located("net:make", [root]).fingerprint
    (root / name).write_text((root / name).read_text() + "\n# changed")
    assert located("net:make", [root]).fingerprint != before


def test_other_files_the_folder_and_ends_of_lines_make_no_difference(root):
    before = located("net:make", [root]).fingerprint
    (root / "unused.py").write_text("x = 2")
    (root / "net.py").write_bytes((root / "net.py").read_bytes().replace(b"\n", b"\r\n"))
    moved = root.rename(root.with_name("b"))
    assert located("net:make", [moved]).fingerprint == before


def test_the_first_folder_that_has_it_counts(root, tmp_path):
    (tmp_path / "net.py").write_text("")
    assert located("net:make", [tmp_path, root]).root == tmp_path
    assert located("parts.conv:x", [tmp_path, root]).root == root


def test_an_installed_package_is_known_by_name_and_version():
    found = located("pytest:main", [])
    assert (found.fingerprint, found.root) == (f"pytest {pytest.__version__}", None)


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("os:system", "Python's own"),
        ("core.networks.small:small_residual", "module of Branchwise"),
        ("net", "MODULE:FUNCTION"),
        ("../net:make", "MODULE:FUNCTION"),
        ("net:make()", "MODULE:FUNCTION"),
        ("nowhere_at_all:make", "no installed package"),
        ("a" * 5000 + ":make", "MODULE:FUNCTION"),
    ],
)
def test_what_can_not_be_meant_is_refused(root, reference, words):
    with pytest.raises(CodeError, match=words) as fault:
        located(reference, [root])
    assert len(str(fault.value)) < 600


@pytest.mark.parametrize("text", [b"def f(:\n", b"\xff\xfe\x00", b"x = " + b"(" * 1000])
def test_a_file_that_is_no_python_is_a_sentence(root, text):
    (root / "parts/deep.py").write_bytes(text)
    with pytest.raises(CodeError, match=r"deep\.py.* no Python"):
        located("net:make", [root])


def test_code_that_imports_itself_in_a_circle_has_an_end(root):
    (root / "late.py").write_text("import net\nfrom late import late")
    assert "late" in located("net:make", [root]).contents
