"""Pages run without a browser, on the made-up studies."""

import pytest
from streamlit.testing.v1 import AppTest

from app.paths import ROOT

ENTRY = ROOT / "app" / "main.py"


@pytest.fixture
def visit(studies_home, monkeypatch):
    """Open a page by its address, such as ``visit("budget", study="five", budget="40")``, without a fault."""
    monkeypatch.setenv("BRANCHWISE_HOME", str(studies_home))

    def opened(page: str, **address: str) -> AppTest:
        at = AppTest.from_file(str(ENTRY), default_timeout=300)
        for name, value in address.items():
            at.query_params[name] = value
        at.switch_page(f"../pages/{page}.py").run()
        assert not at.exception, at.exception
        return at

    return opened
