import pytest

from core.errors import StudyError
from core.families.recombined.runs import recombined_runs
from core.studies.bundled import bundled_studies, load_bundled
from core.studies.study_list import bundled_line, size_of, stored_lines


def test_an_empty_machine_has_an_empty_shelf_and_looking_makes_nothing(database):
    assert stored_lines(database) == ()
    assert size_of(database, "small") == 0
    assert not database.path.exists()


def test_a_line_says_what_a_study_is_and_how_far(database, record, results, table_record):
    some = dict(list(results.items())[:5])
    database.put(table_record)
    database.put(record, some)
    lines = {line.name: line for line in stored_lines(database)}
    small, own = lines["small"], lines["own"]
    assert (small.title, small.kind, small.dataset, small.bundled) == ("A small study", "measured", "scenes", False)
    assert (small.n_runs, small.n_done, small.n_failed) == (len(results), 5, 0)
    assert (own.kind, own.dataset, own.n_runs, own.task_names) == ("table", "", 0, ("a", "b", "c"))
    database.put(record, results)
    assert {line.name: line.version for line in stored_lines(database)}["small"] != small.version


def test_a_study_takes_the_room_of_its_results_pictures_tables_and_weights(database, record, results, table_record):
    database.put(table_record)
    (table,) = (database.path.parent / "artefacts").iterdir()
    assert size_of(database, "own") == table.stat().st_size
    database.put(record, results)
    (gallery,) = {*(database.path.parent / "artefacts").iterdir()} - {table}
    written = sum(len(result.model_dump_json().encode()) for result in results.values())
    assert size_of(database, "small") == gallery.stat().st_size + written
    with database.writing() as connection:
        written += 2 * connection.execute("UPDATE runs SET result = '{}', state = 'done'").rowcount
    key, gone = list(results)[:2]
    weights = database.path.parent / "weights" / f"{key}.safetensors"
    weights.parent.mkdir()
    weights.write_bytes(bytes(100))
    with database.writing() as connection:
        connection.execute("UPDATE runs SET weights = ? WHERE key = ?", (weights.name, key))
        connection.execute("UPDATE runs SET weights = 'gone.safetensors' WHERE key = ?", (gone,))
    assert size_of(database, "small") == gallery.stat().st_size + written + 100


@pytest.mark.parametrize("name", bundled_studies())
def test_a_bundled_study_is_described_without_reading_all_of_it(name):
    line, study = bundled_line(name), load_bundled(name)
    assert line.bundled
    assert (line.title, line.task_names) == (study.title, study.task_names)
    recombined = len(recombined_runs(study.specification))
    assert line.n_runs == line.n_done == study.provenance.n_done + recombined
    # The study itself says the same, in two parts.
    assert study.provenance.n_apart == recombined
    assert line.updated is None


def test_a_bundled_study_nobody_knows_is_a_sentence():
    with pytest.raises(StudyError, match="no bundled study"):
        bundled_line("nothing")
