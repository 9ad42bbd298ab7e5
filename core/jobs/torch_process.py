"""One question to a process of its own, which may import torch where this one must not."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import BranchwiseError


def answer_of(
    module: str,
    question: object,
    *,
    patience: float,
    variables: Mapping[str, str],
    error: type[BranchwiseError],
    late: str,
    failed: str,
) -> Any:  # noqa: ANN401
    """Return what a module answers, as plain values of JSON.

    Args:
        module: Run as a program, by name: it reads JSON from standard input and prints its answer last, in one line.
        question: Plain values for JSON.
        patience: Seconds to wait.
        variables: Added to the environment.
        error: Raised with one sentence: the program's last line on standard error where it ends with a fault.
        late: Sentence for no answer in time.
        failed: Sentence for a fault without words.

    Raises:
        BranchwiseError: Of the type ``error``.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", module],
            input=json.dumps(question),
            capture_output=True,
            text=True,
            timeout=patience,
            env={**os.environ, **variables},
            cwd=Path(sys.prefix),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise error(late) from None
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise error(lines[-1][:500] if lines else failed)
    # A library that is imported may print, too: the answer is the last line.
    return json.loads(done.stdout.splitlines()[-1])
