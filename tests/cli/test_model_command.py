import pytest

from napari_photon_denoise.cli import main
from tiny_models import save_tiny

pytest.importorskip("torch")

from napari_photon_denoise.models import digest


def run(*arguments):
    return main(["model", *map(str, arguments)])


def test_out_and_back(tmp_path, capfd):
    tiny, package = save_tiny(tmp_path), tmp_path / "tiny.zip"
    sheet = ["--name", "My tiny model", "--author", "Josiah Carberry; Brown", "--licence", "MIT"]
    assert run("export", tiny, "-o", package, "--camera", "orca-flash4", *sheet) == 0
    said = capfd.readouterr()
    assert "wrote" in said.out
    assert "note" not in said.err
    assert run("import", package, "-o", tmp_path / "back.safetensors") == 0
    assert digest(tmp_path / "back.safetensors") == digest(tiny)
    assert digest(tiny) in "".join(capfd.readouterr().out.split())


def test_what_is_not_said_is_noted(tmp_path, capfd):
    tiny = save_tiny(tmp_path)
    assert run("export", tiny, "-o", tmp_path / "tiny.zip") == 0
    said = " ".join(capfd.readouterr().err.split())
    assert "a camera without read noise" in said
    assert "Say --author and --licence before you publish" in said


def test_show_says_what_the_file_says(tmp_path, capfd):
    tiny = save_tiny(tmp_path, planes=3)
    assert run("show", tiny) == 0
    said = capfd.readouterr().out
    assert '"planes": 3' in said
    assert '"additive_read_noise"' in said
    assert digest(tiny) in "".join(said.split())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["export", "missing", "-o", "a.zip"], "There is no model 'missing'"),
        (["export", "tiny.safetensors", "-o", "a.tar"], "name it a.zip"),
        (["export", "tiny.safetensors", "-o", "old.zip"], "exists already"),
        (["export", "tiny.safetensors", "-o", "no/a.zip"], "There is no folder"),
        (["export", "tiny.safetensors", "-o", "a.zip", "--read-noise", "-1"], "0 or more"),
        (["export", "tiny.safetensors", "-o", "a.zip", "--em-gain", "100"], "--em-gain needs"),
        (["export", "tiny.safetensors", "-o", "a.zip", "--cite", "me"], "is no citation"),
        (["import", "old.zip", "-o", "a.safetensors"], "is damaged"),
        (["import", "missing.zip", "-o", "a.safetensors"], "can't be read"),
        (["import", "old.zip", "-o", "tiny.safetensors"], "exists already"),
        (["show", "old.zip"], "is no model of this program"),
    ],
)
def test_bad_input(tmp_path, monkeypatch, capfd, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    save_tiny(tmp_path)
    (tmp_path / "old.zip").write_bytes(b"old")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert run(*arguments) == 2
    assert sentence in " ".join(capfd.readouterr().err.split())
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
