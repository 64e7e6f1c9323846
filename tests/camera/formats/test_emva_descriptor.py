import pytest

from napari_photon_denoise.camera.formats.emva_descriptor import find_descriptor, read_descriptor
from napari_photon_denoise.errors import UnreadableFile

TEXT = """# Measurement for EMVA1288 Standard Release 3.0
v 3.0
n 12 64 48
b 320000.0 961.0
i images\\b 000_1.png
i images\\b 000_2.png
d 320000.0
i images\\d_000_1.png
"""


@pytest.fixture
def folder(tmp_path):
    """A data set as the standard's, with the paths of another computer."""
    (tmp_path / "images").mkdir()
    for name in ("b 000_1", "b 000_2", "d_000_1"):
        (tmp_path / "images" / f"{name}.png").touch()
    (tmp_path / "Data.txt").write_text(TEXT)
    (tmp_path / "a readme.txt").write_text("Words.")
    return tmp_path


def test_roles_exposures_and_files_are_read(folder):
    flat, dark = read_descriptor(folder / "Data.txt")
    assert (flat.role, flat.exposure, flat.shape) == ("flat", 0.32, (48, 64))
    assert [file.name for file in flat.files] == ["b 000_1.png", "b 000_2.png"]
    assert all(file.exists() for file in flat.files)
    assert (dark.role, len(dark.files)) == ("dark", 1)


def test_a_descriptor_is_found_from_the_set_and_from_its_images(folder):
    assert find_descriptor(folder) == folder / "Data.txt"
    assert find_descriptor(folder / "images") == folder / "Data.txt"
    (folder / "other").mkdir()
    assert find_descriptor(folder / "other") is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (TEXT.replace("320000.0", "long"), "line 4"),
        (TEXT + "x 7\n", "line 9"),
        ("v 3.0\nb 1 2\n", "line 2"),  # before the size
        (TEXT.replace("b 000_1", "gone"), "1 images that are not there, such as gone.png"),
    ],
)
def test_what_is_not_understood_is_a_sentence(folder, text, word):
    (folder / "Data.txt").write_text(text)
    with pytest.raises(UnreadableFile, match=word):
        read_descriptor(folder / "Data.txt")
