import pytest
from streamlit.testing.v1 import AppTest

from app.studies.data_part import APART, KINDS, SIZES, has_sizes, model_of
from app.studies.fields import WORDS
from app.studies.training_part import FURTHER, MAIN
from core.studies.specification import TrainingSettings


@pytest.mark.parametrize("name", KINDS)
def test_every_field_of_a_data_set_can_be_asked_for(name):
    model = model_of(name)
    asked = set(model.model_fields) - (APART - {"path"})
    assert asked <= set(WORDS)
    sizes = [model.model_fields[size] for size in SIZES if size in asked]
    assert has_sizes(name) == (len(sizes) == 3 and all(field.annotation is int for field in sizes))


def test_every_data_set_there_is_can_be_chosen():
    with pytest.raises(KeyError):
        model_of("nothing")
    known = {model_of(name) for name in KINDS}
    for model in known:
        (names,) = [model.model_fields["name"].annotation]
        assert set(names.__args__) <= set(KINDS)


def test_every_training_setting_can_be_asked_for():
    assert {*MAIN, *FURTHER} == set(TrainingSettings.model_fields)
    assert {*MAIN, *FURTHER} <= set(WORDS)


def _training_form():
    from app.studies.fields import field_inputs
    from app.studies.training_part import FURTHER
    from core.studies.specification import TrainingSettings

    field_inputs(TrainingSettings, FURTHER, "training", columns=2)


def test_a_list_of_values_has_the_whole_width():
    at = AppTest.from_function(_training_form).run()
    in_columns = [box.label for column in at.columns for box in column.multiselect]
    assert [box.label for box in at.multiselect] == ["Augmentation"]
    assert in_columns == []
    assert at.columns[0].selectbox


def _strokes_form():
    import streamlit as st

    from app.studies.fields import field_inputs
    from core.studies.dataset_specification import Mnist5kSpecification

    st.write(str(field_inputs(Mnist5kSpecification, ["measured"], "data-mnist5k")))


def test_what_is_yes_or_no_is_a_toggle():
    at = AppTest.from_function(_strokes_form).run()
    assert at.markdown[0].value == "{'measured': False}"
    at.toggle[0].set_value(True).run()
    assert at.markdown[0].value == "{'measured': True}"
    assert not at.exception
