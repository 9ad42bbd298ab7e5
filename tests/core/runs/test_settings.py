import pytest
import torch

from core.errors import JobError, StudyError
from core.families.single.runs import single_run
from core.runs.settings import WHERE_TRAINED, TrainingSettings
from core.studies.specification import parse_study
from core.studies.study_file import write_study
from core.training.environment import device_of

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


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("warm_up = 0.1", "warms up"),
        ("loss_weights = {depth = 1}", "do nothing"),
        ("loss_weights = {sky = 2}", "no task of the study"),
        ("class_weights = {sky = [1, 2]}", "no task of the study"),
        ("class_weights = {depth = [0, 0]}", "nothing is learned"),
        ("class_weights = 'fair'", "balanced"),
        ("device = 'gpu'", "cuda:1"),
        ("device = 'cuda:100'", "cuda:1"),
        ("precision = 'float16'", "bfloat16"),
    ],
)
def test_settings_that_can_not_be_or_do_nothing_are_refused(lines, words):
    with pytest.raises(StudyError, match=words):
        parse_study(STUDY + lines)


def test_new_settings_are_part_of_the_key_and_of_files_only_where_they_are_set():
    usual, keys = parse_study(STUDY), set()
    for lines in ("clip = 1", 'precision = "bfloat16"', "loss_weights = {depth = 2}", 'class_weights = "balanced"'):
        study = parse_study(STUDY + lines)
        assert parse_study(write_study(study)) == study
        keys.add(single_run(study, 0, 0).key)
    assert len(keys | {single_run(usual, 0, 0).key}) == 5
    assert TrainingSettings().model_dump().keys() == {
        "optimizer", "schedule", "learning_rate", "weight_decay", "batch_size", "epochs", "average", "patience",
        "device", "threads",
    }  # fmt: skip


def test_devices_that_are_not_there_are_one_sentence():
    for device in ("cuda", "cuda:7", "mps"):
        if device == "mps" or not torch.cuda.is_available():
            with pytest.raises(JobError, match="present"):
                device_of(TrainingSettings(device=device))
