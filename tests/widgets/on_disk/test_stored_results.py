import numpy as np
import pytest
import zarr

import napari_photon_denoise as npd
from napari_photon_denoise.recipe import parse_recipe
from napari_photon_denoise.shards.records import StoreOptions
from napari_photon_denoise.widgets.on_disk import job, room
from napari_photon_denoise.widgets.parts.layers import PREVIEW, is_image
from widgets.conftest import CAMERA

PLANES = 6


@pytest.fixture
def stack(rng):
    """Six planes, which are a part each."""
    return rng.poisson(20, (PLANES, 600, 530)).astype(np.uint16) + 100


@pytest.fixture
def clean(stack):
    return npd.denoise(stack, CAMERA, npd.Gaussian(sigma=2), axes="TYX")


@pytest.fixture
def small(monkeypatch):
    """Shards of one tile, and a memory that every result fills."""
    monkeypatch.setattr(job, "OPTIONS", StoreOptions(shard_bytes=1, chunk=(1, 256, 256)))
    monkeypatch.setattr(room, "free", lambda: 1000)


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What the user answers when a place is proposed, and what was proposed."""
    proposed, answer = [], [tmp_path / "clean.ome.zarr"]

    def ask(_widget, path):
        proposed.append(path)
        return answer[0]

    monkeypatch.setattr("napari_photon_denoise.widgets.denoise.widget.DenoiseWidget.ask_store", ask)
    return proposed, answer


@pytest.fixture
def shown(desk, stack, small, asked):
    viewer, open_widget = desk
    layer = viewer.add_image(
        stack, name="cells", scale=(1, 0.1, 0.1), units=("s", "um", "um"),
        axis_labels=("t", "y", "x"), colormap="green",
    )  # fmt: skip
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    widget.method.setValue(npd.Gaussian(sigma=2))
    return viewer, widget, layer


def test_what_does_not_fit_goes_to_disk_and_is_a_layer_of_several_resolutions(
    shown, finish, asked, clean, stack
):
    _, widget, layer = shown
    result = finish(widget)
    proposed, (path,) = asked
    assert [one.name for one in proposed] == ["cells_gaussian.ome.zarr"]
    assert result.name == "cells [Gaussian, sigma 2 px]"
    assert result.multiscale
    np.testing.assert_array_equal(result.data[0], clean)
    np.testing.assert_array_equal(zarr.open(path)["0"][:], clean)
    assert result.data[1].shape[-1] == 265
    assert is_image(result)
    np.testing.assert_array_equal(result.scale, layer.scale)
    assert (result.units, result.axis_labels) == (layer.units, layer.axis_labels)
    assert result.colormap.name == "green"
    assert parse_recipe(result.metadata["recipe"], "layer").denoiser == npd.Gaussian(sigma=2)
    assert result.metadata["calibration"].gain == 1
    assert f"Done: {result.name} is in {path}." in widget.bar.message
    with npd.io.read(path) as image:
        assert image.axes == "TYX"
        assert image.pixel_size == pytest.approx({"T": 1, "Y": 0.1, "X": 0.1})
    assert layer.data is stack
    assert not (path.parent / f".{path.name}.photon-denoise" / "overview").exists()


def test_the_layer_fills_while_it_is_made_what_is_seen_first(shown, until, clean):
    viewer, widget, _ = shown
    viewer.dims.set_current_step(0, 4)
    states = []

    def look(step):
        if len(viewer.layers) > 1:
            result = viewer.layers[1]
            full = np.asarray(result.data[0])
            states.append((result.name, is_image(result), np.isfinite(full).mean(axis=(1, 2))))
            inside = np.isfinite(full)
            np.testing.assert_array_equal(full[inside], clean[inside])

    widget.runner.progressed.connect(look)
    widget.run()
    until(lambda: not widget.runner.busy)
    first = next(state for state in states if state[2].max() > 0)
    assert first[0] == "cells [Gaussian, sigma 2 px] (unfinished)"
    assert not first[1]  # nothing to denoise or to measure yet
    half = next(state for state in states if state[2][4] == 1)
    assert half[2][0] == 0  # the plane that is looked at is there before others
    assert viewer.layers[1].name == "cells [Gaussian, sigma 2 px]"
    assert len(viewer.layers) == 2
    np.testing.assert_array_equal(viewer.layers[1].data[0], clean)


def cancel_after(widget, parts, until):
    from napari_photon_denoise.shards.job import ShardProgress

    done = []

    def look(step):
        if isinstance(step, ShardProgress):
            done.extend(step.finished)
            if len(done) >= parts:
                widget.cancel()

    widget.runner.progressed.connect(look)
    widget.run()
    until(lambda: not widget.runner.busy)
    widget.runner.progressed.disconnect(look)


def test_what_was_cancelled_stays_and_the_next_run_goes_on(shown, until, finish, asked, clean):
    viewer, widget, _ = shown
    cancel_after(widget, 2, until)
    proposed, (path,) = asked
    assert "of 6 parts are kept in" in widget.bar.message
    assert widget.bar.message.startswith("Stopped; ")
    assert "Run goes on" in widget.bar.message
    result = viewer.layers[1]
    assert PREVIEW in result.metadata
    kept = int(widget.bar.message.split()[1])
    assert 2 <= kept < 6
    files = {
        file: file.stat().st_mtime_ns for file in (path / "0" / "c").rglob("*") if file.is_file()
    }
    widget.run()
    until(lambda: not widget.runner.busy)
    assert len(proposed) == 1  # asked once
    assert list(viewer.layers)[1:] == [result]  # no other layer
    np.testing.assert_array_equal(result.data[0], clean)
    assert PREVIEW not in result.metadata
    assert f"{kept} of 6 parts were done before" in widget.bar.message
    again = {file: file.stat().st_mtime_ns for file in files}
    assert sum(again[file] == files[file] for file in files) >= kept
    assert finish(widget) is None  # all is done
    assert widget.bar.message.startswith("Nothing was left to do: ")


def test_who_says_no_to_the_place_has_changed_nothing(shown, asked, until, tmp_path):
    viewer, widget, _ = shown
    asked[1][0] = None
    before = widget.bar.message
    widget.run()
    assert not widget.runner.busy
    assert widget.bar.idle
    assert widget.bar.message == before
    assert len(viewer.layers) == 1
    assert [*tmp_path.glob("*.zarr")] == []


def test_another_result_in_the_place_is_left_alone(shown, finish, asked, errors):
    _, widget, _ = shown
    finish(widget)
    widget.method.setValue(npd.Gaussian(sigma=3))
    assert finish(widget) is None
    assert errors == [
        f"{asked[1][0]} exists already and was made otherwise: choose another name or folder."
    ]
    assert asked[0][1].name == "cells_gaussian.ome.zarr"


def test_a_layer_that_was_deleted_meanwhile_stays_deleted(shown, until, asked, clean):
    viewer, widget, _ = shown

    def look(step):
        if len(viewer.layers) > 1:
            viewer.layers.pop(1)

    widget.runner.progressed.connect(look)
    widget.run()
    until(lambda: not widget.runner.busy)
    assert len(viewer.layers) == 1
    assert "File > Open" in widget.bar.message
    np.testing.assert_array_equal(zarr.open(asked[1][0])["0"][:], clean)


def test_the_source_may_go_while_its_result_is_made(shown, until, clean):
    viewer, widget, layer = shown

    def look(step):
        if len(viewer.layers) > 1 and layer in viewer.layers:
            viewer.layers.remove(layer)

    widget.runner.progressed.connect(look)
    widget.run()
    until(lambda: not widget.runner.busy)
    (result,) = viewer.layers
    np.testing.assert_array_equal(result.data[0], clean)


def test_it_is_said_before_that_the_result_goes_to_disk(shown, until):
    _, widget, _ = shown
    widget._expected.start()
    until(lambda: "disk" in widget._expected.text())
    assert "The result, about 7.6 MB, would fill the memory, so it is written to disk" in (
        widget._expected.text()
    )
    widget.result.set_keep("memory")
    until(lambda: "disk" not in widget._expected.text())


def test_it_goes_to_disk_if_the_user_wants_it(desk, finish, asked, counts):
    viewer, open_widget = desk
    viewer.add_image(counts, name="small/cells")
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    widget.result.set_keep("disk")
    widget.result.set_units("counts")
    result = finish(widget)
    assert asked[0][0].name == "small_cells_gaussian.ome.zarr"
    assert not result.multiscale  # there is but one resolution
    assert result.data.dtype == counts.dtype
    np.testing.assert_array_equal(
        result.data, npd.denoise(counts, CAMERA, "gaussian", axes="YX", units="counts")
    )


def test_a_full_disk_is_said_in_a_sentence(shown, finish, errors, monkeypatch):
    def write(_level, _number, _values):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("napari_photon_denoise.io.ome_zarr.store.Level.write", write)
    assert finish(shown[1]) is None
    (said,) = errors
    assert "the disk is full" in said


def test_the_extras_of_a_method_come_beside(shown, until, tiny_learning, asked):
    viewer, widget, layer = shown
    layer.data = layer.data[:1]
    widget.method.setValue(npd.ProbabilisticNoise2Void(epochs=1))
    widget.run()
    until(lambda: not widget.runner.busy)
    assert [one.name for one in viewer.layers] == [
        "cells",
        "cells [Probabilistic Noise2Void standard deviation, epochs 1]",
        "cells [Probabilistic Noise2Void, epochs 1]",
    ]
    assert viewer.layers[1].data[0].shape == (1, 600, 530)
    assert not viewer.layers[1].visible
    assert (asked[1][0].parent / "clean_standard-deviation.ome.zarr").is_dir()


def test_several_layers_go_into_a_folder(shown, until, asked, clean, stack, tmp_path, monkeypatch):
    viewer, widget, layer = shown
    other = viewer.add_image(stack[::-1].copy(), name="others", axis_labels=("t", "y", "x"))
    viewer.layers.selection = {layer, other}
    answers = [None, tmp_path]
    monkeypatch.setattr(type(widget), "ask_folder", lambda _self, _proposed: answers.pop(0))
    widget.run()
    assert not widget.runner.busy  # the user did not want to
    widget.run()
    until(lambda: not widget.runner.busy)
    assert widget.bar.message.startswith("Done: 2 of 2 layers.")
    assert {file.name for file in tmp_path.glob("*.ome.zarr")} == {
        "cells_gaussian.ome.zarr", "others_gaussian.ome.zarr",
    }  # fmt: skip
    results = {one.name: one for one in viewer.layers}
    np.testing.assert_array_equal(results["cells [Gaussian, sigma 2 px]"].data[0], clean)
    np.testing.assert_array_equal(results["others [Gaussian, sigma 2 px]"].data[0], clean[::-1])
    assert asked[0] == []
