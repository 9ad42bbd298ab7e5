"""Data sets of the user's own code: what they may give, and one sentence for each wrong thing."""

import textwrap

import numpy as np
import pytest

from core.data import mapped_file
from core.data.catalogue import source_of
from core.data.mapped_file import is_mapped
from core.data.store import load
from core.errors import DataError
from core.own_code.permission import permitted
from core.studies.dataset_specification import PythonSpecification
from core.tasks import Kind
from tests.core.data.test_store import same

HEAD = """
import numpy as np
from PIL import Image

class Split:
    def __init__(self, n, start=0):
        self.n, self.start = n, start
    def __len__(self):
        return self.n
    def __getitem__(self, row):
        number = self.start + row
        picture = np.full((10, 12, 3), number, np.uint8)
        seg = np.full((10, 12), number % 3)
        return picture, {"age": number / 2, "sex": ["f", "m"][number % 2], "seg": seg, "few": number % 4}

def splits(**more):
    return {"train": Split(12), "validation": Split(6, 12), "test": Split(6, 18), **more}
"""


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a module and returns the specification of what it makes."""

    def write(body, **fields):
        (tmp_path / "mydata.py").write_text(HEAD + textwrap.dedent(body))
        return PythonSpecification(name="python", factory="mydata:make", **fields)

    with permitted([tmp_path]):
        yield write


def test_kinds_are_guessed_and_samples_belong_together(written):
    source = source_of(written("def make(): return splits()", size=16))
    assert [(task.name, task.kind) for task in source.tasks] == [
        ("age", Kind.REGRESSION),
        ("sex", Kind.CLASSIFICATION),
        ("seg", Kind.SEGMENTATION),
        ("few", Kind.CLASSIFICATION),
    ]
    data = source.dataset()
    assert [len(split) for split in (data.train, data.validation, data.test)] == [12, 6, 6]
    assert data.class_names["sex"] == ("f", "m")
    for samples in (data.train, data.validation, data.test):
        number = samples.pictures[:, 0, 0, 0].astype(int)
        assert samples.pictures.shape[1:] == (3, 16, 16)
        assert np.array_equal(samples.targets["age"][:, 0], number / 2)
        assert np.array_equal(samples.targets["sex"], number % 2)
        assert np.array_equal(samples.targets["seg"][:, 5, 5], number % 3)
    assert data.task("age").std


def test_pictures_keep_their_size_where_none_is_said(written):
    assert source_of(written("def make(): return splits()")).dataset().size == (10, 12)


SEVEN = "{'t': {'kind': 'segmentation', 'n_outputs': 7}}"
THREE = "{'t': {'kind': 'classification', 'n_outputs': 3}}"
SAME = [
    "[make_one(n) for n in range(a, b)]",
    "(lambda: (make_one(n) for n in range(a, b)))",
    "type('D', (), {'__len__': lambda s: b - a, '__getitem__': lambda s, i: make_one(a + i)})()",
    "type('D', (), {'__iter__': lambda s: iter([make_one(n) for n in range(a, b)])})()",
]
FORMS = [
    "np.full((3, 8, 8), n, np.uint8)",
    "np.full((8, 8, 3), n, np.uint8)",
    "np.full((8, 8), n / 255)",
    "np.full((1, 8, 8), n * 256, np.uint16)",
    "Image.fromarray(np.full((8, 8), n, np.uint8))",
    "Image.fromarray(np.full((8, 8, 3), n, np.uint8))",
    "np.full((8, 8, 4), n, np.int64)",
    "__import__('torch').full((3, 8, 8), n / 255)",
]


def text_of(picture=FORMS[0], split=SAME[0], target="{'t': n % 2}", tasks="{'t': 'classification'}"):
    return f"""
        def make_one(n): return {picture}, {target}
        def part(a, b): return {split}
        class Given: train, val, test, tasks = part(0, 8), part(8, 12), part(12, 16), {tasks}
        def make(): return Given
    """


@pytest.mark.parametrize("picture", FORMS)
def test_pictures_of_every_form_are_the_same(written, picture):
    data = source_of(written(text_of(picture))).dataset()
    assert np.array_equal(
        data.train.pictures, np.arange(8, dtype=np.uint8)[:, None, None, None] * np.ones((8, 3, 8, 8))
    )


@pytest.mark.parametrize("split", SAME)
def test_splits_of_every_form_are_the_same(written, split, tmp_path, monkeypatch):
    specification = written(
        text_of(
            split=split,
            target="{'t': n % 2, 'd': np.full((8, 8), n + 1.0)}",
            tasks="{'t': 'classification', 'd': 'depth'}",
        )
    )
    whole = source_of(specification).dataset()
    assert whole.test.targets["d"][:, 0, 0, 0].tolist() == [13, 14, 15, 16]
    monkeypatch.setenv("BRANCHWISE_MEMORY", "0.000000001")
    monkeypatch.setattr(mapped_file, "SMALL", 0)
    mapped = load(specification, folder=tmp_path / "cache")
    assert is_mapped(mapped.train.pictures)
    assert same(whole, mapped)


@pytest.mark.parametrize(
    ("target", "tasks", "kind", "expected"),
    [
        ("[0, 1, None][n % 3]", None, Kind.CLASSIFICATION, None),
        ("n % 3", "{'t': {'kind': 'classification', 'n_outputs': 5}}", Kind.CLASSIFICATION, 5),
        ("['a', 'b'][n % 2]", "{'t': {'kind': 'classification', 'classes': ['b', 'a', 'c']}}", Kind.CLASSIFICATION, 3),
        ("n % 3", "{'t': 'ordinal'}", Kind.ORDINAL, 3),
        ("n", "{'t': 'regression'}", Kind.REGRESSION, 1),
        ("np.float32(n / 3)", "['t']", Kind.REGRESSION, 1),
        ("[n / 3, float('nan')] if n % 2 else [n / 3, n / 7]", None, Kind.REGRESSION, 2),
        ("[n % 2, 1 - n % 2, 1]", None, Kind.MULTI_LABEL, 3),
        ("{'a', 'b'} if n % 2 else set()", None, Kind.MULTI_LABEL, 2),
        ("np.full((8, 8), n % 3)", None, Kind.SEGMENTATION, 3),
        (
            "np.full((8, 8), n % 3) if n else None",
            "{'t': {'kind': 'segmentation', 'n_outputs': 7}}",
            Kind.SEGMENTATION,
            7,
        ),
        ("np.full((4, 4, 3), 1.0)", "{'t': 'normals'}", Kind.NORMALS, 3),
        ("np.full((2, 8, 8), 0.5)", "{'t': 'regression map'}", Kind.REGRESSION_MAP, 2),
        ("__import__('torch').full((1, 8, 8), 2.0)", "{'t': 'depth'}", Kind.DEPTH, 1),
    ],
)
def test_targets_of_every_kind(written, target, tasks, kind, expected):
    data = source_of(written(text_of(target=f"{{'t': {target}}}", tasks=tasks))).dataset()
    (task,) = data.tasks
    assert task.kind is kind
    assert expected is None or task.n_outputs == expected


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("def make(): return 1 / 0", r"division by zero.*mydata\.py, line"),
        ("def make(wrong): return splits()", "fails"),
        ("def other(): return splits()", 'no name "make"|has no'),
        ("def make(): return 3", "gives no train"),
        ("def make(): return {'train': Split(4), 'test': Split(4)}", "gives no validation"),
        ("def make(): return splits(test=[])", "no sample of test"),
        ("def make(): return splits(train=7)", "int, which can't be read"),
        ("def make(): return splits(train=iter([1]))", "can't be read twice"),
        ("def make(): return splits(test=[3])", "Sample 0 of test .* is a int"),
        ("def make(): return splits(test=[(np.zeros((10, 12, 3)), {})])", 'Sample 0 of test .* no target of "age"'),
        ("def make(): return splits(test=[(np.zeros((9, 9, 5)), {})])", r"Sample 0 of test .* is \[9, 9, 5\]"),
        ("def make(): return splits(test=[(np.zeros((9, 9, 3)) + 7.5, {})])", "0 to 1, not normalised"),
        ("def make(): return splits(test=[('a.png', {})])", "str is no array"),
        ("def make(): return splits(tasks={'age': 'number'})", 'of kind "number"'),
        ("def make(): return splits(tasks=7)", "name → kind"),
        ("def make(): return splits(tasks={'age': {'sort': 1}})", 'declared with "sort"'),
        (text_of(target="{'t': np.zeros((8, 8))}", tasks=None), "Declare its kind"),
        (text_of(target="{'t': n}", picture="np.zeros((8, 8 + n), np.uint8)"), "Sample 1 of train .* 8 × 9 pixels"),
        (
            text_of(target="{'t': np.full((8, 8), n)}", tasks="{'t': {'kind': 'segmentation', 'n_outputs': 3}}"),
            "class 3",
        ),
        (
            text_of(target="{'t': 9}", tasks="{'t': {'kind': 'classification', 'n_outputs': 3}}"),
            "target '?9'?.* 0 to 2",
        ),
        (text_of(target="{'t': 'x'}", tasks="{'t': 'regression'}"), "no number"),
        (text_of(target="{'t': [1.5, 2] if n else [1.5]}", tasks=None), "differ in length"),
        (text_of(target="{'t': np.zeros((8, 8), int) if n else 1}", tasks=None), "a map, and samples before had none"),
    ],
)
def test_each_wrong_thing_is_one_sentence(written, body, words):
    with pytest.raises(DataError, match=words) as fault:
        source_of(written(body)).dataset()
    assert len(str(fault.value)) < 700


def test_a_failing_sample_names_file_and_line(written):
    body = """
        class Bad(Split):
            def __getitem__(self, row):
                if row == 3:
                    return {}["gone"]
                return super().__getitem__(row)
        def make(): return splits(train=Bad(12))
    """
    with pytest.raises(DataError, match=r"Sample 3 of train of mydata:make fails in mydata\.py, line \d+: KeyError"):
        source_of(written(body))


def test_without_permission_nothing_is_run(tmp_path):
    (tmp_path / "mydata.py").write_text("raise SystemExit")
    with pytest.raises(DataError, match="not part of Branchwise"):
        source_of(PythonSpecification(name="python", factory="mydata:make"))


def test_many_whole_numbers_are_asked_about(written):
    body = text_of(target="{'t': n * 7}", tasks=None).replace("part(0, 8)", "part(0, 80)")
    with pytest.raises(DataError, match="Numbers to predict, or classes"):
        source_of(written(body))


@pytest.mark.parametrize("factory", ["mydata", "os:getcwd", "core.data:x", "my data:make", "a" * 300 + ":b"])
def test_what_is_no_function_is_refused(factory):
    with pytest.raises(ValueError, match="factory"):
        PythonSpecification(name="python", factory=factory)


def test_samples_that_change_are_noticed(written):
    body = """
        calls = []
        class Changing(Split):
            def __getitem__(self, row):
                calls.append(row)
                picture, targets = super().__getitem__(row)
                return picture, {**targets, "few": (row + len(calls)) % 5}
        def make(): return splits(train=Changing(12))
    """
    with pytest.raises(DataError, match=r'Sample \d+ of train .* another target of "few"'):
        source_of(written(body)).dataset()
