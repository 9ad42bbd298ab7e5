"""Whatever a user's path names, a device, a pipe or a folder in its place is one sentence, and nothing waits for it."""

import os

import pytest

from core.affinity.tensor_file import read_losses, read_tensor
from core.data.arrays_file import read_arrays_file
from core.data.cifar_pickle import read_batch
from core.data.npz_file import read_array
from core.errors import BranchwiseError
from core.families.treednn.tree_manifest import MANIFEST, read_manifest
from core.networks.example import example_from
from core.studies.archive import read_archive
from core.studies.specification import read_study

READERS = {
    "study": read_study,
    "archive": read_archive,
    "arrays": read_arrays_file,
    "batch": read_batch,
    "npz": lambda path: read_array(path, "x"),
    "affinity": read_tensor,
    "losses": read_losses,
    "example": lambda path: example_from(str(path)),
    "manifest": lambda path: read_manifest(path.parent),
}
NAMES = {"manifest": MANIFEST, "example": "x.npz"}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("what", ["pipe", "folder", "device"])
def test_only_regular_files_are_read(reader, what, tmp_path):
    path = tmp_path / NAMES.get(reader, "x.npy")
    if what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(BranchwiseError, match=r"\.$"):
        READERS[reader](path)
