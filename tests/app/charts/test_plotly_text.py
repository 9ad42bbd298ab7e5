import re
from html import unescape

import numpy as np
import pytest

from app.affinity.heatmap import matrix_figure
from app.charts.agreement import agreement_figure, regret_figure
from app.charts.plotly_text import plotly_text
from app.charts.shares import depth_figure, pairs_figure, shares_figure

NAMES = ['<a href="https://evil.example">x</a>', "<b>x</b>", "a<br>b", "%{evil}", "$x^2$", "&lt;b&gt;", "<sup>2</sup>"]
ONE = np.array([1.0])


def figures(name: str):
    return [
        matrix_figure(np.eye(2), [name, "b"], [name, "b"]),
        agreement_figure(ONE, ONE, ONE, ONE, [name]),
        regret_figure(np.zeros((1, 2)), [name]),
        shares_figure({name: ONE}),
        depth_figure({name: (ONE, ONE)}),
        pairs_figure({name: ONE}),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_shown_as_it_is(name):
    shown = plotly_text(name)
    assert unescape(shown) == name
    assert not re.search(r"[<>${}]", shown)


@pytest.mark.parametrize("name", NAMES)
def test_no_figure_holds_a_bare_name(name):
    for figure in figures(name):
        texts = list(texts_of(figure.to_plotly_json()))
        assert not any(name in text for text in texts)
        assert any(plotly_text(name)[:17] in text for text in texts)


def texts_of(part):
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for each in part.values():
            yield from texts_of(each)
    elif isinstance(part, list | tuple | np.ndarray):
        for each in part:
            yield from texts_of(each)
