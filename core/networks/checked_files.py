"""Files of a deployed network, each checked against its manifest when it is read first."""

from collections.abc import Callable
from pathlib import Path

from core.errors import FamilyError
from core.networks.checked_content import check_content
from core.regular_file import regular


class CheckedFiles:
    """A folder whose files are read and checked.

    Until the time or size of a file on disk changes, its hash is not computed again, so that a switch costs reading
    and nothing else.

    Args:
        folder: Where the files are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._checked: dict[str, tuple[int, int]] = {}

    def read(self, name: str, size: int, sha256: str, also: Callable[[bytes], None] | None = None) -> bytes:
        """Return the content of a file.

        Args:
            name: Of the file.
            size: Its bytes, as the manifest says.
            sha256: Its hash, as the manifest says.
            also: Checks the content before that.

        Raises:
            FamilyError: It is missing, truncated or changed.
        """
        path = self.folder / name
        try:
            stat = regular(path).stat()
            content = path.read_bytes()
        except OSError as fault:
            raise FamilyError(f"{path} can't be read: {fault.strerror}. Copy it there again.") from None
        state = (stat.st_size, stat.st_mtime_ns)
        if self._checked.get(name) != state or len(content) != stat.st_size:
            if also is not None:
                also(content)
            check_content(name, content, size, sha256)
            self._checked[name] = state
        return content
