import errno
from pathlib import Path

import pytest

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.networks.learning.folder import check_room


def test_a_full_disk_is_found_and_nothing_left_on_it(tmp_path, monkeypatch):
    """A file of no bytes has room on a disk that is full."""

    def write(path, content):
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write)
    with pytest.raises(PhotonDenoiseError, match="No space left"):
        check_room(tmp_path, 0)
    assert not list(tmp_path.iterdir())
