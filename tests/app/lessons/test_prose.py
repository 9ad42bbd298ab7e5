import pytest

from app.lessons.document import LessonError
from app.lessons.prose import bare_digits, html, markdown


def test_a_value_is_never_markup():
    values = {"task": "<b>*a*</b>"}
    assert html("The task {{task}}.", values) == "<p>The task &lt;b&gt;*a*&lt;/b&gt;.</p>"
    assert markdown("{{task}}", values) == r"\<b\>\*a\*\</b\>"


def test_lists_headings_quotations_and_formulas():
    text = "### Title\n\n- one\n  more\n- **two**\n\n> said\n\n$$2^{p}$$"
    found = html(text, {})
    assert "<ul><li>one more</li><li><strong>two</strong></li></ul>" in found
    assert "<h3>Title</h3>" in found
    assert "<blockquote><p>said</p></blockquote>" in found
    assert "<msup><mn>2</mn><mi>p</mi></msup>" in found


def test_a_bare_number_is_found_and_a_reference_is_not():
    assert bare_digits("about 12 % or −0.5 of it") == ["12", "−0.5"]
    assert bare_digits("Table 2, Eq. 5, §3.1, `x1`, mnist5k4 and $1-A_{11}$") == []


def test_a_placeholder_without_a_value_is_named():
    with pytest.raises(LessonError, match="gain"):
        markdown("{{gain}}", {})


def test_a_comma_after_a_formula_begins_no_line():
    assert markdown("With $T=2$, $$x$$ and $y$.", {}) == "With $T=2,$ $$x$$ and $y.$"


def test_a_percent_sign_begins_no_line():
    assert "\u00a0%" in markdown("It gains {{gain}}.", {"gain": "+1.5 %"})
