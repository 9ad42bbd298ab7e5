"""Processes that know torch and not this project: for files that should work on their own.

Loading torch takes longer than most of what they do, so one process loads it and each program is a fork of that.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# Isolated: neither this project nor anything of the user is on the path.
_PYTHON = (sys.executable, "-I", "-c")
_SERVER = """
import json, os, runpy, sys, traceback, warnings
import numpy, PIL.Image, torch, torchvision

def run(words, folder, filters):
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(name, os.O_WRONLY), number)
    os.chdir(folder)
    torch.set_num_threads(1)
    for each in filters:
        warnings.simplefilter(each)
    try:
        if words[0] == "-c":
            sys.argv = ["-c", *words[2:]]
            exec(compile(words[1], "<string>", "exec"), {"__name__": "__main__"})
        else:
            sys.argv = words
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            return ended.code or 0
        print(ended.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0

for line in sys.stdin:
    child = os.fork()
    if not child:
        code = run(*json.loads(line))
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class TorchProcess:
    """Runs Python programs that have torch, torchvision, numpy and Pillow, each in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.out, self.err = folder / "out", folder / "err"
        self.server = subprocess.Popen(
            [*_PYTHON, _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder
        )

    def run(self, *words: object, cwd: Path, warnings: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        """Return how ``python -I WORDS`` ended: ``-c`` and code, or a file; then its arguments."""
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        for file in (self.out, self.err):
            file.write_text("")
        said = [str(word) for word in words]
        self.server.stdin.write(json.dumps([said, str(cwd), warnings]) + "\n")
        self.server.stdin.flush()
        code = int(self.server.stdout.readline())
        return subprocess.CompletedProcess(said, code, self.out.read_text(), self.err.read_text())

    def close(self) -> None:
        """End the process from which the others are made."""
        self.server.communicate(timeout=30)


@pytest.fixture(scope="session")
def torch_process(tmp_path_factory) -> Iterator[TorchProcess]:
    """Give what runs programs without this project."""
    process = TorchProcess(tmp_path_factory.mktemp("torch"))
    yield process
    process.close()
