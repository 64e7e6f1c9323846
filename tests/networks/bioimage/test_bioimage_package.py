import io
import subprocess
import sys
import zipfile

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from bioimage_files import contents, rdf_of

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError
from napari_photon_denoise.models import digest
from napari_photon_denoise.networks.bioimage import export
from napari_photon_denoise.networks.bioimage.conditions import (
    Conditions,
    conditions_of,
)
from napari_photon_denoise.networks.bioimage.document import document
from napari_photon_denoise.networks.bioimage.export import default_sheet, export_package
from napari_photon_denoise.networks.bioimage.layout import layout_of
from napari_photon_denoise.networks.bioimage.unpack import import_package
from napari_photon_denoise.networks.weights import load_model
from tiny_models import save_tiny

pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
KINDS = {
    "plane": {},
    "neighbours": {"planes": 3},
    "stack": {"dimensions": 3},
    "care": {"body": "care", "uncertainty": True, "members": 2},
    "blind": {"form": "blind", "body": "n2v2"},
    "deep": {"form": "blind", "body": "n2v", "dimensions": 3},
    "samples": {"form": "blind", "body": "n2v", "samples": 2},
    "psf": {"form": "blind", "body": "n2v2", "psf": (5, 5)},
}
CONDITIONS = Conditions(2.5, (0.0, 0.7))
VOLUMES = ("stack", "deep")


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=pytest.mark.slow) if kind in VOLUMES else kind for kind in KINDS],
)
def test_the_script_does_what_the_network_does_and_the_model_comes_back(tmp_path, kind):
    model = save_tiny(tmp_path, **KINDS[kind])
    path = export_package(model, tmp_path / "tiny.zip", conditions=CONDITIONS).path
    back = import_package(path, tmp_path / "back.safetensors")
    assert digest(back) == digest(model)

    files, network = contents(path), load_model(model).network
    tile = np.load(io.BytesIO(files["test_input.npy"]))
    script = torch.jit.load(io.BytesIO(files["weights.pt"]))
    layout, said = layout_of(network), rdf_of(path)
    assert tile.shape == (1, layout.planes, *layout.smallest)
    assert [axis.get("id", axis["type"]) for axis in said["inputs"][0]["axes"]] == [
        *("batch", "channel"),
        *"zyx"[-layout.dimensions :],
    ]
    wider = torch.from_numpy(np.concatenate([tile, tile[..., : layout.step]], -1))
    lengths = torch.tensor([[0.0, 0.7]])
    with torch.no_grad():
        for image in (torch.from_numpy(tile), wider):
            clean = network(image, torch.tensor(2.5), lengths)
            torch.testing.assert_close(script(image), clean)
        noiseless = network(torch.from_numpy(tile), torch.tensor(0.0), lengths)
    expected = np.load(io.BytesIO(files["test_output.npy"]))
    np.testing.assert_array_equal(script(torch.from_numpy(tile)).detach(), expected)
    assert expected.shape[1] == len(said["outputs"][0]["axes"][1]["channel_names"])
    # What is fixed has an effect: else the check above would not see that it was left out.
    assert not torch.allclose(torch.from_numpy(expected), noiseless, rtol=1e-3)


def test_tiles_begin_where_the_poolings_do(exported):
    said = rdf_of(exported[1])
    network = load_model(exported[0]).network
    for given, taken in zip(said["inputs"][0]["axes"], said["outputs"][0]["axes"], strict=True):
        if given["type"] != "space":
            continue
        size, halo = given["size"], taken["halo"]
        assert size["step"] % network.body.multiple == 0
        assert size["min"] % size["step"] == halo % size["step"] == 0
        assert halo >= network.body.halo + network.halo_around
        assert size["min"] > 2 * halo


def test_it_says_what_goes_in_and_what_is_fixed(exported):
    files, said = contents(exported[1]), rdf_of(exported[1])
    words = files["documentation.md"].decode()
    assert "photons = (counts - 100) * 0.5" in words
    assert "a read noise of 2.5 e- rms" in words
    assert "# Validation" in words
    own = said["config"]["napari_photon_denoise"]
    assert (own["read_noise_e"], own["noise_correlation_px"]) == (2.5, [0.0, 0.7])
    assert {entry["doi"] for entry in said["cite"]} >= {"10.48550/arXiv.2211.08512"}
    assert files["cover.png"].startswith(b"\x89PNG")


def test_a_pixel_size_that_is_known_is_said(tmp_path):
    from napari_photon_denoise.networks.weights import save_model

    model = load_model(save_tiny(tmp_path))
    facts = {"pixel_size": {"Y": 0.1, "X": 0.2, "T": 0}}
    path = save_model(tmp_path / "sized.safetensors", model.network, model.architecture, facts)
    axes = rdf_of(export_package(path, tmp_path / "sized.zip").path)["inputs"][0]["axes"]
    assert [(axis["unit"], axis["scale"]) for axis in axes[2:]] == [
        ("micrometer", 0.1),
        ("micrometer", 0.2),
    ]


def test_a_shipped_model_brings_its_card_licence_and_authors():
    sheet = export.default_sheet("resunet-2d")
    assert (sheet.licence, sheet.authors[0].name) == (
        "BSD-3-Clause",
        "napari-photon-denoise maintainers",
    )
    assert sheet.cite[0].doi == "10.1364/OE.504606"


def test_a_camera_gives_its_medians():
    camera = Calibration(
        gain=0.5, offset=np.array([[99.0, 100, 108]]), read_noise=1.5, length_y=0.4
    )
    assert conditions_of(camera) == Conditions(1.5, (0.4, 0.0), gain=0.5, offset=100.0)
    with pytest.raises(PhotonDenoiseError, match="0 or more"):
        Conditions(-1.0)


def test_nothing_is_overwritten_unasked_or_half_written(tmp_path, exported, monkeypatch):
    target = tmp_path / "tiny.zip"
    target.write_bytes(b"old")
    with pytest.raises(OutputExists):
        export_package(exported[0], target)
    with pytest.raises(PhotonDenoiseError, match=r"name it tiny\.zip"):
        export_package(exported[0], tmp_path / "tiny.tar")

    def fails(path):
        assert zipfile.is_zipfile(path)
        raise PhotonDenoiseError("fails the test")

    monkeypatch.setattr(export, "verify_package", fails)
    with pytest.raises(PhotonDenoiseError, match="fails the test"):
        export_package(exported[0], target, verify=True, overwrite=True)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("tiny.zip", b"old")]


def test_without_bioimageio_a_package_is_written_and_a_test_refused(
    tmp_path, exported, monkeypatch
):
    for name in [name for name in sys.modules if name.partition(".")[0] == "bioimageio"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "bioimageio", None)
    assert export_package(exported[0], tmp_path / "a.zip").tests == ()
    with pytest.raises(PhotonDenoiseError, match=r"photon-denoise\[bioimage\]'"):
        export_package(exported[0], tmp_path / "b.zip", verify=True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_the_zoo_takes_its_description(exported):
    spec = pytest.importorskip("bioimageio.spec")
    summary = spec.load_description(exported[1]).validation_summary
    assert [error.msg for part in summary.details for error in part.errors] == []
    assert summary.status in ("valid-format", "passed")


@pytest.mark.slow
def test_bioimageio_passes_it_where_this_program_is_not_installed(exported):
    pytest.importorskip("bioimageio.core")
    code = (
        "import sys; sys.modules['napari_photon_denoise'] = None\n"
        "from bioimageio.core import test_description\n"
        f"summary = test_description({str(exported[1])!r}, expected_type='model')\n"
        "print([error.msg for part in summary.details for error in part.errors])\n"
        "print([part.name for part in summary.details])\n"
        "print(summary.status)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    errors, parts, status = done.stdout.splitlines()[-3:] if done.stdout else (done.stderr, "", "")
    assert (errors, status) == ("[]", "passed")
    assert "Reproduce test outputs" in parts
    assert "batch_size: 2 and size parameter n: 2" in parts


@pytest.mark.parametrize("kind", ["neighbours", "stack", "samples"])
@pytest.mark.slow
def test_bioimageio_passes_every_kind(tmp_path, kind):
    pytest.importorskip("bioimageio.core")
    model = save_tiny(tmp_path, **KINDS[kind])
    tests = export_package(model, tmp_path / "tiny.zip", conditions=CONDITIONS, verify=True).tests
    assert any(name.startswith("Reproduce test outputs") for name in tests)


def test_the_card_of_care_says_what_its_intervals_hold_and_what_is_fixed(tmp_path):
    shape = {"body": "care", "form": "percentiles", "uncertainty": True, "widths": (8, 16)}
    model = load_model(save_tiny(tmp_path, **shape))
    model.network.each[0].usual.copy_(torch.tensor([1.5, 320.0]))
    model.facts["coverage"] = {
        "factors": [0.71, 2.4], "held": [0.498, 0.903], "held_where_bright": [0.46, 0.88],
        "light": [1.0, 4.0],
    }  # fmt: skip
    words = document(
        model,
        layout_of(model.network),
        CONDITIONS,
        default_sheet(tmp_path / "tiny.safetensors"),
        None,
    )
    assert "holds 50 % of the pixels" in words
    assert "2.40 scales, 90 %" in words
    assert "to be 1.5 and 320 e-" in words
    assert "knows the noise" not in words
