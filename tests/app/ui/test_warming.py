import socket
import subprocess
import sys

from app.ui.paths import ROOT
from app.ui.warming import modules_of_pages, prepare_when_listening

AFTERWARDS = f"""
import sys
from app.ui.warming import prepare
prepare()
from streamlit.testing.v1 import AppTest
import app.main
# The compiler's own imports would hide those of the page.
app.main.warm_up_once = lambda: True
known = set(sys.modules)
page = AppTest.from_string("from app.main import main; main()", default_timeout=120)
page.switch_page({str(ROOT / "pages" / "start.py")!r})
page.run()
assert not page.exception, page.exception
assert page.get("bidi_component") or page.header
ours = ("app", "core", "pandas", "plotly", "pyarrow.lib", "narwhals", "numba", "torch")
print(sorted(name for name in set(sys.modules) - known if name.startswith(ours)))
"""


def test_the_first_page_finds_everything_imported(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", AFTERWARDS], env={"BRANCHWISE_HOME": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_other_pages_are_prepared_with_all_that_they_import():
    modules = modules_of_pages()
    assert {"app.budget.figure", "app.paths.figure", "app.train.jobs", "app.ui.page_frame"} <= set(modules)
    assert len(modules) == len(set(modules))


def test_nothing_is_prepared_before_the_server_listens():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        thread = prepare_when_listening("127.0.0.1", server.getsockname()[1])
        assert thread.is_alive()
        server.listen()
        thread.join(timeout=120)
        assert not thread.is_alive()
