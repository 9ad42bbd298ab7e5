"""``python -m app.command``: the command line where the console script is not on the path."""

from app.command.entry import main

main()
