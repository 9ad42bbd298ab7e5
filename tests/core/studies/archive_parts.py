"""Archives taken apart, changed and put together again."""

import io
import json
import re
import zipfile

import pytest

from core.errors import BranchwiseError, without_way_out
from core.studies.archive import (
    import_archive,
    read_archive,
)


def members(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def changed(content, member, change):
    """Give the archive with one JSON member changed by a function."""
    parts = members(content)
    document = json.loads(parts[member])
    change(document)
    return zipped(parts | {member: json.dumps(document)})


def assert_refused(data, database, sentence):
    with pytest.raises(BranchwiseError, match=sentence) as caught:
        import_archive(data, database)
    assert "\n" not in str(caught.value)
    assert_one_way_out(caught.value)
    with pytest.raises(BranchwiseError, match=sentence):
        read_archive(data)
    assert not database.path.parent.exists(), "something was written"


def assert_one_way_out(fault):
    """Assert that a message ends with one sentence that says what to do."""
    said = str(fault)
    assert re.fullmatch(r" [A-Z][^.]*\.", said.removeprefix(without_way_out(said))), said


def lying(content, member, size, claimed):
    """Give an archive with a large member whose directory and header claim another size."""
    data, true = zipped(members(content) | {member: b" " * size}), size.to_bytes(4, "little")
    assert data.count(true) == 2
    return data.replace(true, claimed.to_bytes(4, "little"))
