"""Bytes of camera files are flipped: a sentence, or what was saved where that can be told."""

import pickle

import numpy as np
import pytest
from scipy.io import savemat

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.formats import export_calibration, import_calibration
from napari_photon_denoise.errors import PhotonDenoiseError

TRIED = 60


def save_pickle(camera, path):
    maps = [camera.offset, (camera.read_noise / camera.gain) ** 2, 1 / camera.gain]
    path.write_bytes(pickle.dumps([*maps, np.ones_like(camera.gain), 2], protocol=2))


def save_mat(camera, path, *, is_compressed=False):
    variance = (camera.read_noise / camera.gain) ** 2
    maps = {"offsetmap": camera.offset, "varmap": variance, "gainmap": camera.gain}
    savemat(path, {**maps, "s": {"text": "a"}}, do_compression=is_compressed)


SAVED = {  # by what, and whether a checksum tells damage
    "own.tif": (lambda camera, path: camera.save(path), True),
    "gdsc.tif": (lambda camera, path: export_calibration(camera, path, "gdsc"), False),
    "old.npy": (lambda camera, path: export_calibration(camera, path, "storm-analysis"), False),
    "list.npy": (save_pickle, False),
    "plain.mat": (save_mat, False),
    "zip.mat": (lambda camera, path: save_mat(camera, path, is_compressed=True), True),
    "picasso.yaml": (lambda camera, path: export_calibration(camera, path, "picasso"), False),
}


def flipped(content, rng):
    """Flip some bits or bytes, more of them near the ends, where headers are."""
    data = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 5])):
        at = rng.integers(len(data) if rng.random() < 0.3 else min(len(data), 600))
        at = at if rng.random() < 0.6 else len(data) - 1 - at
        data[at] = rng.integers(256) if rng.random() < 0.5 else data[at] ^ 1 << rng.integers(8)
    return bytes(data if rng.random() > 0.1 else data[: rng.integers(len(data))])


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("name", SAVED)
def test_flipped_bytes_get_one_sentence_or_are_read(tmp_path, map_camera, rng, name):
    save, is_checked = SAVED[name]
    path = tmp_path / name
    save(map_camera, path)
    content, saved = path.read_bytes(), import_calibration(path).calibration
    sentences = []
    for _ in range(TRIED):
        path.write_bytes(flipped(content, rng))
        try:
            found = import_calibration(path).calibration
            assert found == saved or not is_checked
        except PhotonDenoiseError as error:
            sentences.append(str(error))
    assert sentences
    assert not any("\n" in sentence for sentence in sentences)


def test_a_flipped_size_asks_for_no_memory(tmp_path, monkeypatch):
    """Each bit of the sizes of a page in turn; what would make room for it is never called."""
    import tifffile

    path = Calibration(gain=np.full((300, 400), 0.5), offset=100).save(tmp_path / "c.tif")
    content = path.read_bytes()

    def refuse(*arguments, **named):
        raise AssertionError("room was made")

    monkeypatch.setattr(tifffile.TiffPage, "asarray", refuse)
    assert import_calibration(path).calibration.map_shape == (300, 400)
    with tifffile.TiffFile(path) as tif:
        places = [tif.pages[0].tags[name].valueoffset for name in ("ImageWidth", "ImageLength")]
    for place in places:
        for bit in range(32):
            data = bytearray(content)
            data[place + bit // 8] ^= 1 << bit % 8
            path.write_bytes(data)
            with pytest.raises(PhotonDenoiseError, match="broken"):
                import_calibration(path)
