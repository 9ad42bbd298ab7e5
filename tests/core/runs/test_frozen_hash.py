"""Specifications are keys of dictionaries, whatever their fields are."""

from core.runs.settings import BackboneSpecification, TrainingSettings


def test_equal_specifications_have_the_same_hash_also_with_tables():
    one = TrainingSettings(loss_weights={"a": 2.0, "b": 3.0})
    other = TrainingSettings(loss_weights={"b": 3.0, "a": 2.0})
    assert one == other
    assert {one: 1} == {other: 1}
    assert len({one, TrainingSettings(), TrainingSettings(loss_weights={"a": 2.0})}) == 3
    backbones = [BackboneSpecification(name="net:make", args={"x": [n]}, blocks=2) for n in (1, 1, 2)]
    assert len({*backbones}) == 2
