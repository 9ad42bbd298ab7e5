import os
import subprocess
import sys

import pytest

PROGRAM = "import os; from core.jobs.niceness import give_way; give_way(); print(os.getpriority(os.PRIO_PROCESS, 0))"


@pytest.mark.parametrize(("text", "more"), [("7", 7), ("", 0), ("-5", 0), ("much", 0)])
def test_a_process_gives_way_and_never_pushes(text, more):
    here = os.getpriority(os.PRIO_PROCESS, 0)
    environment = {**os.environ, "BRANCHWISE_NICE": text}
    said = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert int(said.stdout) == max(here, more)
