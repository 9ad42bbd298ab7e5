from hypothesis import given
from hypothesis import strategies as st

from app.report.model import plain
from app.ui.formatting import escape
from core.plain_text import printable

# What ``escape`` itself puts between letters, and indents, are not kept.
NAMES = st.text(st.characters(exclude_characters="\u2060 \t\n"), max_size=30)


@given(NAMES)
def test_a_name_is_what_it_was_before_it_was_escaped(name):
    assert plain(escape(name)) == printable(name)
    assert plain(f"Best: **{escape(name)}**.") == f"Best: {printable(name)}."
