"""The jobs host as a process: ``python -m core.jobs``; ``branchwise host`` has all its options."""

import argparse
import signal
import sys

from core.errors import BranchwiseError
from core.jobs.engine import EngineSettings
from core.jobs.host import serve
from core.jobs.launch import IDLE_SECONDS
from core.studies.database import Database


def main() -> int:
    """Serve the database at home until nothing is left to do; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=float, default=IDLE_SECONDS)
    parser.add_argument("--workers", type=int, default=0)
    arguments = parser.parse_args()
    ended: list[int] = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _: ended.append(number))
    try:
        serve(
            Database.at_home(),
            EngineSettings(workers=arguments.workers),
            idle=arguments.idle,
            should_stop=lambda: bool(ended),
        )
    except BranchwiseError as fault:
        print(fault, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
