"""The notebook runs as it is written, and prints what it says it prints."""

import contextlib
import io
import json

import pytest
import torch

from app.ui.paths import ROOT

NOTEBOOK = ROOT / "docs" / "from-a-network-to-a-module.ipynb"


@pytest.mark.slow
def test_the_notebook_prints_what_it_holds(monkeypatch, tmp_path):
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(code) >= 6
    threads, space = torch.get_num_threads(), {"__name__": "notebook"}
    try:
        for number, cell in enumerate(code):
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                exec(compile("".join(cell["source"]), f"cell {number}", "exec"), space)
            expected = "".join(text for output in cell["outputs"] for text in output["text"])
            assert said.getvalue() == expected, number
    finally:
        torch.set_num_threads(threads)
