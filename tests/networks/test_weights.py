import json
import os
import stat
import subprocess
import sys

import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError
from napari_photon_denoise.models import describe, digest
from napari_photon_denoise.networks.architecture import BODIES, Architecture
from napari_photon_denoise.networks.weights import load_model, save_model

FACTS = {"noise": {"photons": [0.05, 2000]}, "steps": 7}


def saved(path, **shape):
    architecture = Architecture(**{"widths": (8, 16), "bottom": 1} | shape)
    network = architecture.build()
    return save_model(path, network, architecture, FACTS), network, architecture


@pytest.mark.parametrize("body", BODIES)
def test_a_model_comes_back_as_it_was(tmp_path, body):
    path, network, architecture = saved(tmp_path / "mine.safetensors", body=body)
    model = load_model(path)
    assert model.name == "mine"
    assert model.architecture == architecture
    assert model.facts == FACTS
    assert not model.network.training
    there, here = model.network.state_dict(), network.state_dict()
    assert there.keys() == here.keys()
    assert all(torch.equal(there[name], here[name]) for name in here)


def test_a_model_is_described_without_torch(tmp_path):
    path, _, architecture = saved(tmp_path / "mine.safetensors", planes=3)
    code = (
        "import sys; sys.modules['torch'] = sys.modules['safetensors'] = None\n"
        "from pathlib import Path\n"
        "from napari_photon_denoise.models import describe\n"
        f"print(describe(Path({str(path)!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(describe(path))
    assert describe(path)["facts"] == load_model(path).facts
    assert describe(path)["architecture"] == architecture.model_dump(mode="json")
    assert describe(path)["halo"][0] == 1


@pytest.mark.parametrize("length", [0, 4, 8, 100, -8])
def test_a_cut_file_is_refused(tmp_path, length):
    path, _, _ = saved(tmp_path / "mine.safetensors")
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(PhotonDenoiseError, match=r"is no model of this program|are damaged"):
        load_model(path)


def test_another_programs_weights_are_refused(tmp_path):
    from safetensors.torch import save_file

    path = tmp_path / "other.safetensors"
    save_file({"conv.weight": torch.zeros(3, 3)}, path, {"format": "pt"})
    with pytest.raises(PhotonDenoiseError, match="is no model of this program"):
        load_model(path)


def test_what_is_there_is_kept_unless_asked(tmp_path):
    path, network, architecture = saved(tmp_path / "mine.safetensors")
    before = digest(path)
    with pytest.raises(OutputExists):
        save_model(path, network, architecture, {})
    assert digest(path) == before
    save_model(path, network, architecture, {}, overwrite=True)
    assert digest(path) != before
    with pytest.raises(PhotonDenoiseError, match=r"name it mine\.safetensors"):
        save_model(tmp_path / "mine.pt", network, architecture, {})
    assert [file.name for file in tmp_path.iterdir()] == ["mine.safetensors"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps permissions otherwise")
def test_others_may_read_it_as_any_file(tmp_path):
    path, _, _ = saved(tmp_path / "mine.safetensors")
    (tmp_path / "plain").touch()
    assert stat.S_IMODE(os.stat(path).st_mode) == stat.S_IMODE(os.stat(tmp_path / "plain").st_mode)


def rewritten(path, change):
    """Write a model's file again with other words, and its weights as they are."""
    content = path.read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    change(header["__metadata__"])
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + content[end:])
    return path


def test_a_flipped_bit_of_the_weights_is_found(tmp_path):
    path, _, _ = saved(tmp_path / "mine.safetensors")
    content = bytearray(path.read_bytes())
    content[-7] ^= 1
    path.write_bytes(content)
    with pytest.raises(PhotonDenoiseError, match="are damaged"):
        load_model(path)


def test_a_model_without_a_checksum_is_an_older_one(tmp_path):
    path, _, _ = saved(tmp_path / "mine.safetensors")
    rewritten(path, lambda words: words.pop("sha256"))
    assert load_model(path).facts == FACTS


@pytest.mark.parametrize(
    "shape",
    [
        {"body": "n2v", "form": "blind", "psf": [99_999, 99_999]},
        {"widths": [60_000] * 4},
        {"widths": [8] * 1000},
        {"widths": [10**999]},
        {"widths": [-8, 16]},
        {"widths": [16, 8]},
        ["resunet"],
        7,
    ],
)
def test_an_architecture_that_the_weights_are_not_of(tmp_path, shape):
    path, _, _ = saved(tmp_path / "mine.safetensors")
    rewritten(path, lambda words: words.update(architecture=json.dumps(shape)))
    with pytest.raises(PhotonDenoiseError, match=r"are damaged|is no model of this program"):
        load_model(path)


@pytest.mark.parametrize("halo", [[0, 0, 0], [0, 1, 99], [0, 10**9, 10**9], [-1, 99, 99]])
def test_a_halo_that_is_not_the_networks(tmp_path, halo):
    """Tiles would show their borders, or be read with a surround of gigabytes."""
    path, _, _ = saved(tmp_path / "mine.safetensors")
    rewritten(path, lambda words: words.update(halo=json.dumps(halo)))
    with pytest.raises(PhotonDenoiseError, match=r"are damaged|is no model of this program"):
        load_model(path)


def test_a_header_nested_beyond_reason(tmp_path):
    path = tmp_path / "mine.safetensors"
    path.write_bytes((9_000_000).to_bytes(8, "little") + b"[" * 9_000_000)
    with pytest.raises(PhotonDenoiseError, match="is no model of this program"):
        load_model(path)
