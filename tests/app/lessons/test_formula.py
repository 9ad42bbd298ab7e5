import pytest

from app.lessons.document import LessonError
from app.lessons.formula import mathml


def test_a_sum_a_fraction_and_nested_scripts():
    found = mathml(r"\sum_{l} \frac{a_{ij}}{2} + \alpha", display=True)
    assert '<munder><mo movablelimits="false">∑</mo><mi>l</mi></munder>' in found
    assert "<mfrac><msub><mi>a</mi><mrow><mi>i</mi><mi>j</mi></mrow></msub><mn>2</mn></mfrac>" in found
    assert found.startswith('<math display="block">')
    assert "<mi>α</mi>" in found


def test_what_can_not_be_drawn_is_named():
    with pytest.raises(LessonError, match="underbrace"):
        mathml(r"\underbrace{a}")
    with pytest.raises(LessonError, match="ends"):
        mathml(r"\frac{a}")
