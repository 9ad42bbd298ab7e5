from core.data.label_warnings import known_warnings
from core.data.membership import known_membership
from core.studies.dataset_specification import PythonSpecification


def test_data_whose_code_is_not_permitted_here_are_described_by_their_rule():
    specification = PythonSpecification(name="python", factory="somebody_s_data:make")
    found = known_membership(specification)
    assert found.splits.rule["factory"] == "somebody_s_data:make"
    assert "only run where the owner" in found.note
    assert not found.class_names
    assert known_warnings(specification, ("a", "b")) == ()
