from pathlib import Path

import numpy as np
import pytest
from napari.layers import Image

import napari_photon_denoise as npd
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io import write_image
from napari_photon_denoise.widgets.on_disk import place
from napari_photon_denoise.widgets.on_disk.origin import origin_of, places_of
from napari_photon_denoise.widgets.parts.layers import photons_of
from napari_photon_denoise.widgets.parts.task import Task
from widgets.conftest import CAMERA


@pytest.fixture
def file(tmp_path, rng):
    counts = rng.poisson(20, (3, 90, 80)).astype(np.uint16)
    return write_image(tmp_path / "cells.ome.tif", counts, "TYX")


class Opened(Image):
    """A layer of a file, as napari opens it."""

    path = None

    @property
    def source(self):
        return super().source.model_copy(update={"path": str(self.path) if self.path else None})


def open_layer(file, **more):
    with npd.io.read(file) as image:
        layer = Opened(image.data, axis_labels=("t", "y", "x"), name="cells", **more)
    layer.path = file
    return layer


def test_a_layer_that_is_its_file_is_known_again_and_changes_are_seen(file, rng):
    first, again = origin_of(open_layer(file)), origin_of(open_layer(file))
    assert first.facts == again.facts
    assert first.facts.path == str(file.resolve())
    assert first.facts.path in places_of(open_layer(file))
    write_image(file, rng.poisson(20, (3, 90, 80)).astype(np.uint16), "TYX", overwrite=True)
    assert origin_of(open_layer(file)).facts != first.facts
    with pytest.raises(PhotonDenoiseError, match="changed"):
        first.check_unchanged()


def test_other_pixels_than_the_file_has_are_not_taken_for_it(file):
    layer = open_layer(file)
    layer.data = layer.data[:, ::-1]  # turned over
    assert origin_of(layer).facts.stamp is None
    assert origin_of(layer).facts == origin_of(layer).facts
    assert origin_of(layer).facts.path in places_of(layer)
    in_memory = open_layer(file)
    in_memory.data = np.asarray(in_memory.data)
    assert origin_of(in_memory).facts.stamp is None
    channel = open_layer(file, metadata={"channel": 1})
    assert origin_of(channel).facts.stamp is None


def test_pixels_in_memory_are_known_as_long_as_they_are_there(counts):
    one, other = Image(counts), Image(counts)
    assert origin_of(one).facts == origin_of(one).facts
    assert origin_of(one).facts != origin_of(other).facts
    before = origin_of(one).facts
    one.data = counts.copy()
    assert origin_of(one).facts != before


def task_of(layer):
    return Task(layer, photons_of(layer, CAMERA, "TYX"), npd.Gaussian(sigma=2))


def test_a_place_is_proposed_beside_the_file_and_never_one_that_is_taken(file):
    places = place.Places()
    task = task_of(open_layer(file))
    assert places.propose(task) == file.parent / "cells_gaussian.ome.zarr"
    (file.parent / "cells_gaussian.ome.zarr").mkdir()
    (file.parent / "cells_gaussian-2.ome.zarr").mkdir()
    assert places.propose(task) == file.parent / "cells_gaussian-3.ome.zarr"
    assert places.begun(task) is None


def test_without_a_file_the_folder_of_last_time_is_proposed(counts, tmp_path):
    task = Task(Image(counts, name="a/b: c"), None, npd.Gaussian())
    places = place.Places()
    assert places.propose(task).parent == Path.home()
    places.keep(tmp_path / "some.ome.zarr")
    assert place.Places().propose(task) == tmp_path / "a_b_ c_gaussian.ome.zarr"
