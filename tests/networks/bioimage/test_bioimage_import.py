import hashlib
import zipfile

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from bioimage_files import changed_rdf, contents, rdf_of, rewrite

from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError
from napari_photon_denoise.models import digest
from napari_photon_denoise.networks.bioimage.unpack import import_package
from napari_photon_denoise.networks.weights import load_model


def test_nothing_in_a_package_is_run_or_unpickled(tmp_path, package, monkeypatch):
    import pickle

    def never(*anything, **named):
        raise AssertionError("an import runs code of the package")

    for place, name in [
        (torch, "load"),
        (torch.jit, "load"),
        (pickle, "load"),
        (pickle, "loads"),
        (pickle, "Unpickler"),
        (np, "load"),
    ]:
        monkeypatch.setattr(place, name, never)
    rewrite(package, weights__pt=b"not even a script")
    assert load_model(import_package(package, tmp_path / "back.safetensors")).facts


@pytest.mark.parametrize(
    "name", ["../evil.py", "/etc/evil", "a/../../evil", "C:\\evil", "..\\evil"]
)
def test_paths_out_of_the_package_are_refused(tmp_path, package, name):
    with zipfile.ZipFile(package, "a") as zipped:
        zipped.writestr(name, "evil")
    with pytest.raises(PhotonDenoiseError, match="outside itself"):
        import_package(package, tmp_path / "back.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.zip"]


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda path: path.unlink(), "can't be read"),
        (lambda path: path.write_bytes(b""), "is damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:-30]), "is damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:3000]), "is damaged"),
        (lambda path: rewrite(path, rdf__yaml=None), "is damaged"),
        (lambda path: rewrite(path, rdf__yaml=b"{ no: [yaml"), "is damaged"),
        (lambda path: rewrite(path, rdf__yaml=b"- a list"), "is damaged"),
        (lambda path: rewrite(path, model__safetensors=None), "is damaged"),
        (lambda path: rewrite(path, model__safetensors=b"other weights"), "is damaged"),
        (lambda path: changed_rdf(path, lambda said: said.pop("config")), "another program"),
        (
            lambda path: changed_rdf(
                path,
                lambda said: said["config"]["napari_photon_denoise"].update(format="package 9"),
            ),
            "newer version",
        ),
    ],
)
def test_what_is_no_whole_package_of_ours_is_refused(tmp_path, package, spoil, sentence):
    spoil(package)
    with pytest.raises(PhotonDenoiseError, match=sentence):
        import_package(package, tmp_path / "back.safetensors")
    assert not list(tmp_path.glob("*back*"))


def test_a_package_with_bad_weights_of_the_right_checksum_is_refused(tmp_path, package):
    weights = contents(package)["model.safetensors"][:-40]
    rewrite(package, model__safetensors=weights)
    own = {"sha256": hashlib.sha256(weights).hexdigest()}
    changed_rdf(package, lambda said: said["config"]["napari_photon_denoise"].update(own))
    with pytest.raises(PhotonDenoiseError, match=r"The model in .*tiny\.zip can't be read"):
        import_package(package, tmp_path / "back.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.zip"]


def test_any_damage_is_said_in_a_sentence_or_harmless(tmp_path, package, exported, rng):
    whole = package.read_bytes()
    refused = 0
    for _ in range(60):
        spoilt = bytearray(whole)
        # Most damage near the directory at the end, where a zip is read first.
        places = len(whole) - 1 - (len(whole) * rng.random(20) ** 6).astype(int)
        for place in np.maximum(places, 0):
            spoilt[place] ^= rng.integers(1, 256)
        package.write_bytes(spoilt)
        try:
            back = import_package(package, tmp_path / "back.safetensors", overwrite=True)
        except PhotonDenoiseError:
            refused += 1
        else:
            assert digest(back) == digest(exported[0])
    assert refused > 30


def test_a_model_that_is_there_is_kept(tmp_path, package):
    (tmp_path / "mine.safetensors").write_bytes(b"mine")
    with pytest.raises(OutputExists):
        import_package(package, tmp_path / "mine.safetensors")
    assert (tmp_path / "mine.safetensors").read_bytes() == b"mine"


@pytest.mark.parametrize("text", ["a: " + "[" * 50_000, "a: " + "9" * 50_000, "x: [1]\n" * 20_000])
def test_a_description_made_to_do_harm(tmp_path, package, text):
    rewrite(package, rdf__yaml=text)
    with pytest.raises(PhotonDenoiseError, match="is damaged, or no package"):
        import_package(package, tmp_path / "mine.safetensors")
    assert [file.name for file in tmp_path.iterdir()] == ["tiny.zip"]


def test_a_model_of_nothing_but_zeros_is_not_unpacked(tmp_path, package):
    parts = contents(package)
    model = rdf_of(package)["config"]["napari_photon_denoise"]["model"]
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as made:
        for name, part in parts.items():
            made.writestr(name, bytes(10_000_000) if name == model else part)
    with pytest.raises(PhotonDenoiseError, match="is damaged, or no package") as caught:
        import_package(package, tmp_path / "mine.safetensors")
    assert str(caught.value.__cause__) == "too large"
