"""The reference of study keys is read off the models, so a new key is in it by itself, with its sentence."""

from core.studies.family import sections
from core.studies.specification import StudySpecification, parse_study
from core.studies.study_keys import study_keys


def test_every_key_has_a_type_and_one_sentence():
    for key in study_keys():
        assert key.type, key
        assert key.meaning[:1].isupper(), key
        assert key.meaning.endswith("."), key


def test_every_section_is_there():
    found = {key.section.partition(" ")[0] for key in study_keys()}
    assert found == {
        "",
        "backbone",
        "backbone.weights",
        "training",
        "training.augment",
        "dataset",
        "dataset.sets",
        "multipath.networks",
        "virtual.networks",
        *sections(),
    }
    top = {key.key for key in study_keys() if not key.section}
    assert top == set(StudySpecification.model_fields) - {"requests"}


def test_a_file_of_all_defaults_is_the_default():
    lines = ['name = "x"', 'tasks = ["depth", "edges"]']
    for section in ("backbone", "training", "table", "oracle", "affinity"):
        lines.append(f"[{section}]")
        lines += [f"{key.key} = {key.default}" for key in study_keys() if key.section == section and key.default]
    lines.append("[dataset]")
    lines += [
        f"{key.key} = {key.default}"
        for key in study_keys()
        if key.section.startswith('dataset (name = "scenes"') and key.default
    ]
    found = parse_study("\n".join(lines))
    plain = parse_study('name = "x"\ntasks = ["depth", "edges"]\n[oracle]\n[affinity]\n')
    assert found == plain


def test_bounds_are_said_in_words():
    types = {(key.section, key.key): key.type for key in study_keys()}
    assert types["training", "epochs"] == "whole number, from 1 to 1,000"
    assert types["training", "learning_rate"] == "number, above 0 to 10"
    assert types["training", "patience"] == "whole number, from 1 to 1,000"
    assert types["backbone", "stem"] == '"small" or "original"'
