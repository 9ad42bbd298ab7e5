from app.ui.sidebar import title_labels


def test_a_title_that_two_studies_have_is_told_apart_by_the_name():
    found = title_labels({"a": "Scenes", "b": "Digits", "c": "Scenes"})
    assert found == {"a": "Scenes (a)", "b": "Digits", "c": "Scenes (c)"}
