from core.families.single.runs import single_run
from core.runs.settings import WHERE_TRAINED, TrainingSettings
from core.studies.specification import parse_study
from core.studies.study_file import write_study

STUDY = 'name = "mine"\ntasks = ["depth", "edges"]\n[training]\nepochs = 3\n'


def test_where_a_run_is_trained_is_no_part_of_its_key():
    usual = parse_study(STUDY)
    moved = parse_study(STUDY + 'instructions = "native"\nthreads = 4\ndevice = "auto"')
    assert {name for name in WHERE_TRAINED if getattr(usual.training, name) != getattr(moved.training, name)} == {
        *WHERE_TRAINED
    }
    assert single_run(usual, 0, 0).key == single_run(moved, 0, 0).key


def test_the_instructions_that_all_runs_have_are_not_written():
    """The document is what it was before there was the key: plug-ins hash it, and earlier versions read it."""
    assert "instructions" not in TrainingSettings().model_dump()
    native = TrainingSettings(instructions="native")
    assert TrainingSettings.model_validate_json(native.model_dump_json()) == native
    study = parse_study(STUDY + 'instructions = "native"')
    assert 'instructions = "native"' in write_study(study)
    assert parse_study(write_study(study)) == study
