import re
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.uploads import (
    MAX_TITLE,
    backbone_of_costs,
    fitted,
    free_name,
    own_study,
    safe_name,
    store_archive,
    store_own,
    taken_names,
)
from core.backbones import Backbone, Block, load_backbone
from core.costs import Unit, block_costs
from core.errors import BackboneError, BranchwiseError, StudyError
from core.estimators import TwoTaskTable
from core.studies.archive import export_study
from core.studies.database import Database
from core.studies.specification import NAME_PATTERN

_LAYERS = ("layer1", "layer2", "layer3", "layer4")


def table(n_tasks: int = 2, n_blocks: int = 3) -> TwoTaskTable:
    values = np.random.default_rng(0).normal(size=(n_tasks, n_tasks, n_blocks + 1))
    values[..., 0] = 0
    values[np.arange(n_tasks), np.arange(n_tasks)] = 0
    return TwoTaskTable(tuple(f"t{i}" for i in range(n_tasks)), values)


def backbone(*macs: int) -> Backbone:
    return Backbone("net", tuple(Block(f"b{i}", 10 * m, m) for i, m in enumerate(macs)))


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "home" / "studies.sqlite")


def untouched(database: Database) -> bool:
    return not database.path.parent.exists()


@given(st.text())
def test_a_name_is_usable_in_files_and_links_or_refused(title: str) -> None:
    try:
        name = safe_name(title)
    except StudyError:
        assert len(title) > MAX_TITLE or not re.search("[a-zA-Z0-9]", title)
    else:
        assert re.fullmatch(NAME_PATTERN, name)
        assert safe_name(name) == name


def test_a_name_that_is_too_long_is_refused() -> None:
    safe_name("a" * MAX_TITLE)
    with pytest.raises(StudyError, match="at most 120"):
        safe_name("a" * (MAX_TITLE + 1))


@given(st.from_regex(r"[a-z]{1,3}", fullmatch=True), st.sets(st.from_regex(r"[a-z]{1,3}(-[2-9])?", fullmatch=True)))
def test_a_free_name_is_free_and_kept_where_it_was_free(name: str, taken: set[str]) -> None:
    free = free_name(name, taken)
    assert free not in taken
    assert free.startswith(name)
    assert (free == name) == (name not in taken)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20), st.sampled_from([", ", " ", ";", "\n", ",\n "]))
def test_typed_costs_come_back_in_the_unit_they_were_typed_in(costs: list[int], between: str) -> None:
    text = between.join(map(str, costs))
    if not any(costs):
        with pytest.raises(BackboneError, match="above zero"):
            backbone_of_costs(text, Unit.MACS)
        return
    for unit, factor in ((Unit.PARAMETERS, 1.0), (Unit.MACS, 1.0), (Unit.LATENCY, 0.001)):
        assert block_costs(backbone_of_costs(text, unit), unit) == pytest.approx(np.array(costs) * factor)


def test_suffixes_multiply_with_and_without_a_space() -> None:
    typed = backbone_of_costs("1.5k, 2 M  .25G\n3e3", Unit.PARAMETERS)
    assert [block.params for block in typed.blocks] == [1500, 2_000_000, 250_000_000, 3000]


@pytest.mark.parametrize("text", ["", "  ,;", "1 -2", "nan", "inf", "1, two", "1e300", "1" * 30, "1 " * 201, "1,5M2"])
def test_costs_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(BackboneError):
        backbone_of_costs(text, Unit.MACS)


@given(st.text(alphabet="0123456789.,;kMGe-+ \nx"))
def test_any_text_gives_costs_or_one_sentence(text: str) -> None:
    with suppress(BackboneError):
        assert backbone_of_costs(text, Unit.MACS).macs > 0


def test_a_backbone_is_merged_to_the_blocks_of_the_table() -> None:
    found = fitted(backbone(1, 1, 1, 3, 3), 3)
    assert [block.macs for block in found.blocks] == [3, 3, 3]
    assert fitted(backbone(1, 2), 2) == backbone(1, 2)


def test_a_table_measured_at_stages_gets_their_costs_and_other_points_can_be_chosen() -> None:
    whole = load_backbone("resnet50")
    stages = [sum(b.params for b in whole.blocks if b.name.startswith(s)) for s in ("conv1", *_LAYERS)]
    assert [block.params for block in fitted(whole, 5).blocks] == stages
    chosen = (0, 2, 5, 9, 15)
    assert fitted(whole, 5, chosen) == whole.merged(chosen)
    with pytest.raises(BackboneError, match=r"4 of the backbone's branching points are kept. Found 2. Choose 4"):
        fitted(whole, 5, (0, 2, 5))


def test_a_backbone_with_too_few_blocks_or_without_costs_is_refused() -> None:
    with pytest.raises(BackboneError, match="has only 2"):
        fitted(backbone(1, 2), 3)
    with pytest.raises(BackboneError, match=r"4 costs are typed. Type 1 more number,"):
        fitted(backbone_of_costs("1 2 3 4", Unit.MACS), 5)
    with pytest.raises(BackboneError, match="above zero"):
        fitted(Backbone("empty", (Block("a", 0, 0), Block("b", 0, 0))), 2)


def test_an_own_case_is_stored_under_a_free_name_and_opens(database: Database) -> None:
    names = [store_own("My rooms!", backbone(1, 1, 1, 3), table(), database) for _ in range(2)]
    assert names == ["my-rooms", "my-rooms-2"]
    study = database.study("my-rooms-2")
    assert study.title == "My rooms!"
    assert study.n_blocks == 3
    assert np.array_equal(study.table.values, table().values)
    assert {"my-rooms", "my-rooms-2"} <= taken_names(database)


@pytest.mark.parametrize(
    ("title", "blocks"), [("", (1, 1, 1)), ("***", (1, 1, 1)), ("x" * 121, (1, 1, 1)), ("fine", (1, 1))]
)
def test_a_fault_of_an_own_case_writes_nothing(database: Database, title: str, blocks: tuple[int, ...]) -> None:
    with pytest.raises(BranchwiseError):
        store_own(title, backbone(*blocks), table(), database)
    assert untouched(database)


def test_an_own_study_is_checked_before_it_is_stored() -> None:
    record = own_study("a  b", backbone(1, 1, 1), table(), {"a-b"})
    assert (record.name, record.title, record.kind) == ("a-b-2", "a b", "table")


def test_an_archive_comes_back(database: Database, tmp_path: Path) -> None:
    name = store_own("rooms", backbone(1, 2, 3), table(), database)
    other = Database(tmp_path / "other" / "studies.sqlite")
    assert store_archive(export_study(database, name), other) == name
    assert np.array_equal(other.study(name).table.values, table().values)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip at all", bytes(1000)])
def test_an_archive_that_is_none_writes_nothing(database: Database, data: bytes) -> None:
    with pytest.raises(StudyError):
        store_archive(data, database)
    assert untouched(database)


def test_an_archive_without_any_cost_is_refused(database: Database, tmp_path: Path) -> None:
    source = Database(tmp_path / "source" / "studies.sqlite")
    record = own_study("rooms", backbone(1, 2, 3), table(), ())
    free = Backbone("free", tuple(Block(f"b{i}", 0, 0) for i in range(3)))
    source.put(type(record)(name="free", task_names=record.task_names, backbone=free, table=record.table))
    with pytest.raises(StudyError, match="above zero"):
        store_archive(export_study(source, "free"), database)
    assert untouched(database)
