import dask.array as da
import numpy as np
import pytest
import tifffile
from napari.layers import Labels

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.transfer import CalibrationSettings
from napari_photon_denoise.virtual.calibration_sample import take_frames
from napari_photon_denoise.virtual.samples import make_sample
from napari_photon_denoise.virtual.simulate import scmos
from napari_photon_denoise.widgets.calibration.live import CalibrationProgress
from napari_photon_denoise.widgets.calibration.sample import open_frames
from napari_photon_denoise.widgets.calibration.widget import CalibrateWidget

SHAPE = (64, 72)


@pytest.fixture(scope="module")
def frames():
    sample = take_frames(scmos(SHAPE, 3), SHAPE, dark_frames=100, flat_frames=30)
    return {"dark": sample.dark} | {
        f"flat {10 * 4**number} ms": flat for number, flat in enumerate(sample.flats)
    }


@pytest.fixture
def errors(monkeypatch):
    """Sentences that popped up."""
    said = []
    monkeypatch.setattr("napari_photon_denoise.widgets.parts.status.show_error", said.append)
    return said


@pytest.fixture
def bench(qtbot, nobodys_settings, errors):
    """The widget without napari's window."""
    from napari.components import ViewerModel

    viewer = ViewerModel()
    widget = CalibrateWidget(viewer)
    qtbot.addWidget(widget)
    yield viewer, widget
    viewer.layers.clear()


@pytest.fixture
def loaded(bench, frames):
    """The same with the sample's stacks in the table."""
    viewer, widget = bench
    add_layers(viewer, widget, frames)
    return viewer, widget


@pytest.fixture
def finish(until):
    def run(widget):
        widget.run()
        until(lambda: not widget.runner.busy)
        return widget

    return run


@pytest.fixture
def save_as(monkeypatch):
    """Answer the next dialog with this path."""

    def answer(path):
        monkeypatch.setattr(
            "napari_photon_denoise.widgets.parts.saving.QFileDialog.getSaveFileName",
            lambda *_: (str(path), ""),
        )

    return answer


def add_layers(viewer, widget, stacks):
    viewer.layers.selection = {viewer.add_image(data, name=name) for name, data in stacks.items()}
    widget.frames.add_layers()


def rows(widget):
    return [(source.role, source.level, source.frames) for source in widget.frames.table.sources()]


def test_layers_make_the_table(loaded):
    _, widget = loaded
    assert rows(widget) == [
        ("dark", "", 100),
        ("flat", "10 ms", 30),
        ("flat", "40 ms", 30),
        ("flat", "160 ms", 30),
        ("flat", "640 ms", 30),
    ]
    assert "1 dark (100 frames), 4 flats (120 frames)" in widget.frames._summary.text()


def test_calibration_finds_the_cameras_numbers(loaded, finish):
    _, widget = loaded
    widget.frames.facts.setValue(CalibrationSettings(camera="virtual", serial="3", mode="slow"))
    steps = []
    widget.runner.progressed.connect(steps.append)
    report = finish(widget).frames.report
    truth = scmos(SHAPE, 3).calibration
    assert report.gain == pytest.approx(float(np.mean(truth.gain)), rel=0.01)
    assert float(np.median(report.calibration.offset)) == pytest.approx(100, abs=0.5)
    assert (report.calibration.camera, report.calibration.serial) == ("virtual", "3")
    assert report.settings.exposures == (10, 40, 160, 640)
    result = widget.frames.result
    assert "e-/ADU" in result.headline
    assert f"{report.gain:.3f}"[:4] in result.headline
    assert len(result.verdicts.texts()) == len(report.verdicts)
    assert "Done" in widget.message
    live = [step for step in steps if isinstance(step, CalibrationProgress)]
    (x, y) = live[-1].points[-1]
    assert len(live[-1].points) == 4
    assert y / x == pytest.approx(1 / report.gain, rel=0.1)


def test_files_and_folders(bench, finish, frames, tmp_path, monkeypatch):
    _, widget = bench
    for name in list(frames)[1:3]:
        tifffile.imwrite(tmp_path / f"{name}.tif", frames[name])
    (tmp_path / "dark").mkdir()
    for number, frame in enumerate(frames["dark"][:20]):
        tifffile.imwrite(tmp_path / "dark" / f"{number:03}.tif", frame)
    (tmp_path / "dark" / "007.tif").unlink()
    dialog = "napari_photon_denoise.widgets.calibration.frames_page.QFileDialog"
    names = [str(path) for path in tmp_path.glob("*.tif")]
    monkeypatch.setattr(f"{dialog}.getOpenFileNames", lambda *_: (names, ""))
    monkeypatch.setattr(f"{dialog}.getExistingDirectory", lambda *_: str(tmp_path / "dark"))
    widget.frames.add_files()
    widget.frames.add_folder()
    assert rows(widget) == [("dark", "", 19), ("flat", "10 ms", 30), ("flat", "40 ms", 30)]
    report = finish(widget).frames.report
    assert report.gain == pytest.approx(0.46, rel=0.03)
    # A file that was lost in the middle is said.
    assert any("Missing files" in text for text in widget.frames.result.verdicts.texts())


def test_verdicts_are_worded_and_coloured(loaded, finish):
    _, widget = loaded
    table = widget.frames.table
    table.select(2, 3, 4)
    table.remove_selected()
    assert len(table.sources()) == 2
    texts = finish(widget).frames.result.verdicts.texts()
    assert "WARN" in texts[0]
    assert any("Levels: 1 used" in text and "take at least three" in text for text in texts)
    assert "PASS" in texts[-1]
    assert "warnings" in widget.message


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda f: {}, "Add frames first"),
        (lambda f: {"dark": f["dark"]}, "no flat"),
        (lambda f: {"flat": f["flat 10 ms"]}, "no dark"),
        (lambda f: {"dark": f["flat 160 ms"], "flat": f["dark"]}, "swap"),
        (lambda f: {"dark": f["dark"][:, 1:], "flat": f["flat 10 ms"]}, "same region"),
        (lambda f: {"dark": f["dark"], "dark b": f["dark"], "flat": f["flat 10 ms"]}, "2 darks"),
        (lambda f: {"dark": f["dark"].astype(np.float32) / 7, "flat": f["flat 10 ms"]}, "fraction"),
    ],
)
def test_wrong_frames_are_a_sentence(bench, finish, frames, errors, change, word):
    viewer, widget = bench
    stacks = change(frames)
    if stacks:
        add_layers(viewer, widget, stacks)
    assert finish(widget).frames.report is None
    assert len(errors) == 1
    assert word in errors[0]
    assert word in widget.message
    assert widget.frames._plot_group.isHidden()
    # The window still does its work.
    viewer.layers.clear()
    widget.frames.table.clear_all()
    add_layers(viewer, widget, {name: frames[name] for name in ("dark", "flat 160 ms")})
    assert finish(widget).frames.report is not None


@pytest.mark.parametrize(
    ("layer", "word"),
    [
        (None, "No layer is selected"),
        ((np.zeros((9, 20, 20, 3), np.uint8), {"rgb": True}), "RGB"),
        ((np.zeros((20, 20), np.uint16), {}), "single image"),
        ((np.zeros((1, 20, 20), np.uint16), {}), "single image"),
        ((np.zeros((2, 3, 20, 20), np.uint16), {}), "dimensions"),
    ],
)
def test_layers_that_are_no_stacks(bench, errors, layer, word):
    viewer, widget = bench
    if layer:
        viewer.add_image(layer[0], **layer[1])
    widget.frames.add_layers()
    assert word in errors[0]
    assert word in widget.message
    assert rows(widget) == []


def test_roles_and_levels_can_be_changed(bench, frames, finish):
    viewer, widget = bench
    add_layers(viewer, widget, {"one": frames["dark"], "two": frames["flat 160 ms"]})
    assert "one" in widget.message  # whose name tells nothing
    widget.frames.table.select(0)
    widget.frames.table.set_selected_role("dark")
    widget.frames.table.set_level(1, "12 %")
    assert rows(widget) == [("dark", "", 100), ("flat", "12 %", 30)]
    assert finish(widget).frames.report is not None


def test_file_that_vanishes(bench, finish, frames, errors, tmp_path):
    _, widget = bench
    for name in ("dark", "flat 10 ms"):
        tifffile.imwrite(tmp_path / f"{name}.tif", frames[name])
    widget.frames.table.add(widget_sources(tmp_path))
    (tmp_path / "flat 10 ms.tif").unlink()
    assert finish(widget).frames.report is None
    assert "flat 10 ms.tif" in errors[0]


def widget_sources(folder):
    from napari_photon_denoise.widgets.calibration.sources import from_folder

    return from_folder(folder)


def slow_frames(shape=(4000, *SHAPE)):
    return da.random.default_rng(0).poisson(100, shape, chunks=(1, *SHAPE)).astype(np.uint16)


def test_cancel_leaves_no_result(loaded, finish, until, errors):
    viewer, widget = loaded
    finish(widget)
    viewer.layers.clear()
    add_layers(viewer, widget, {"flat slow": slow_frames()})
    widget.run()
    until(lambda: "Reading" in widget.message)
    assert not widget.frames.result.buttons["save"].isEnabled()
    widget.cancel()
    until(lambda: not widget.runner.busy)
    assert "Cancelled" in widget.message
    assert widget.frames.report is None
    assert not widget.frames.result.buttons["save"].isEnabled()
    assert widget.frames._result_group.isHidden()
    assert not errors


def test_calibration_and_report_are_saved(loaded, finish, until, tmp_path, save_as):
    _, widget = loaded
    report = finish(widget).frames.report
    save_as(tmp_path / "camera")
    widget.frames.result.buttons["save"].click()
    until(lambda: not widget.runner.busy)
    assert Calibration.load(tmp_path / "camera.tif") == report.calibration
    assert widget.frames.report.calibration.path == tmp_path / "camera.tif"
    assert "Saved" in widget.message
    save_as(tmp_path / "camera.html")
    widget.frames.result.buttons["report"].click()
    until(lambda: not widget.runner.busy)
    assert "e-/ADU" in (tmp_path / "camera.html").read_text(encoding="utf-8")


def test_file_that_is_there_is_not_replaced_unasked(
    loaded, finish, until, tmp_path, save_as, errors
):
    _, widget = loaded
    finish(widget)
    (tmp_path / "camera.tif").write_bytes(b"mine")
    save_as(tmp_path / "camera")  # the dialog asked about another name
    widget.frames.result.buttons["save"].click()
    until(lambda: not widget.runner.busy)
    assert "exists already" in errors[0]
    assert (tmp_path / "camera.tif").read_bytes() == b"mine"


def test_comparison_with_an_earlier_file(loaded, finish, tmp_path, errors):
    from dataclasses import replace

    _, widget = loaded
    now = finish(widget).frames.report.calibration
    earlier = replace(now, gain=now.gain * 0.9).save(tmp_path / "earlier.tif")
    widget.frames.compare(earlier)
    assert "changed (gain)" in widget.frames.result.drift
    assert "+11 %" in widget.frames.result.drift
    widget.frames.compare(tmp_path / "none.tif")
    assert "none.tif" in errors[0]


def test_maps_become_layers(loaded, finish):
    viewer, widget = loaded
    report = finish(widget).frames.report
    before = len(viewer.layers)
    widget.frames.result.buttons["maps"].click()
    added = {layer.name: layer for layer in viewer.layers[before:]}
    assert list(added) == [
        "camera offset (ADU)",
        "camera relative response",
        "camera read noise (e-)",
        "camera defects",
    ]
    mask = added["camera defects"]
    assert isinstance(mask, Labels)
    np.testing.assert_array_equal(mask.data, report.mask)
    assert "good" in list(mask.features["defect"])
    np.testing.assert_array_equal(added["camera offset (ADU)"].data, report.calibration.offset)


def test_estimate_tab(bench, finish):
    viewer, widget = bench
    sample = make_sample("filaments")
    viewer.add_image(sample.counts[:256, :256], name="filaments")
    widget.show_page(widget.estimate)
    page = finish(widget).estimate
    assert page.found.estimate.gain == pytest.approx(0.46, rel=0.25)
    assert len(page.found.mean) > 50
    assert "Estimate" in page.text
    assert "95 %" in page.text
    assert page.calibration().source == "estimated"
    page.read_noise.setValue(1.6)
    assert page.calibration().read_noise == pytest.approx(1.6)
    page.read_noise.setValue(page.read_noise.minimum())
    page.offset.setValue(10)  # where this image can't be
    assert "does not fit" in page.text


def test_even_image_needs_the_offset(bench, finish, errors, rng):
    viewer, widget = bench
    viewer.add_image((rng.poisson(200, (256, 256)) * 2 + 100).astype(np.uint16), name="even")
    widget.show_page(widget.estimate)
    page = finish(widget).estimate
    assert page.found.estimate.relative
    assert "relative to each other" in page.text
    widget.estimate.offset.setValue(100)
    assert page.found is None  # its gain was none
    assert "press Estimate again" in widget.message
    assert finish(widget).estimate.found.estimate.gain == pytest.approx(0.5, rel=0.1)


@pytest.mark.parametrize(
    ("data", "how", "word"),
    [
        (None, {}, "Open an image first"),
        (np.zeros((80, 80, 3), np.uint8), {"rgb": True}, "RGB"),
        (np.full((80, 80), 100, np.uint16), {}, ""),
        (np.full((8, 8), 100, np.uint16), {}, "all its pixels are 100"),
    ],
)
def test_refused_estimates(bench, finish, errors, data, how, word):
    viewer, widget = bench
    if data is not None:
        viewer.add_image(data, contrast_limits=(0, 1), **how)
    widget.show_page(widget.estimate)
    assert finish(widget).estimate.found is None
    assert len(errors) == 1
    assert word in errors[0]
    assert errors[0] in widget.message


def test_every_control_has_help(bench):
    from qtpy.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QLineEdit, QPushButton

    _, widget = bench
    for kind in (QAbstractSpinBox, QCheckBox, QComboBox, QLineEdit, QPushButton):
        for control in widget.findChildren(kind):
            inner = isinstance(control.parent(), QAbstractSpinBox)
            assert inner or control.toolTip(), control


def test_sample_is_ready_to_calibrate(bench):
    viewer, widget = bench
    stacks = {how["name"]: data for data, how, _ in open_frames()}
    add_layers(viewer, widget, stacks)
    assert [role for role, _, _ in rows(widget)] == ["dark", *["flat"] * 4]


def test_hand_over_opens_photon_denoise(make_napari_viewer, nobodys_settings, frames, finish):
    viewer = make_napari_viewer()
    widget = CalibrateWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Calibrate camera")
    add_layers(viewer, widget, frames)
    measured = finish(widget).frames.report.calibration
    widget.frames.result.buttons["use"].click()
    denoise = next(
        one for name, one in viewer.window.dock_widgets.items() if "Photon denoise" in name
    )
    assert denoise.camera.value() is measured
    assert denoise.camera.way() == "offered"
    viewer.add_image(frames["flat 10 ms"][0], name="cells")
    denoise.source.set_layer(viewer.layers["cells"])
    assert denoise.task().photons.calibration is measured
    # A second time finds the same widget.
    before = len(viewer.window.dock_widgets)
    widget.frames.result.buttons["use"].click()
    assert len(viewer.window.dock_widgets) == before
    viewer.theme = "light"


def test_closing_while_it_runs(make_napari_viewer, nobodys_settings, until, frames):
    viewer = make_napari_viewer()
    widget = CalibrateWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Calibrate camera")
    add_layers(viewer, widget, {"dark": frames["dark"], "flat slow": slow_frames()})
    widget.run()
    until(lambda: "Reading" in widget.message)
    runner = widget.runner
    viewer.window.remove_dock_widget(widget)
    until(lambda: not runner.busy)
    assert runner.cancelled
    assert widget.frames.report is None


def greyed(widget):
    page = widget.frames
    assert page.report is None
    assert not any(button.isEnabled() for button in page.result.buttons.values())
    assert "before the change" in page._result_group.title()
    return True


def test_a_result_is_not_that_of_other_frames_or_another_camera(loaded, finish, errors):
    _, widget = loaded
    page = widget.frames
    assert finish(widget).frames.report is not None
    page.facts._lines["serial"].textEdited.emit("8")
    assert greyed(widget)
    assert finish(widget).frames.report is not None
    assert page._result_group.title() == "Result"
    page.table.select(4)
    page.table.remove_selected()
    assert greyed(widget)
    # One that is refused does not bring the old one back.
    page.table.select(1, 2, 3)
    page.table.remove_selected()
    assert finish(widget).frames.report is None
    assert errors
    assert page._result_group.isHidden()
    assert page._plot_group.isHidden()


def test_role_changes_all_that_is_selected(bench, frames):
    viewer, widget = bench
    table = widget.frames.table
    add_layers(viewer, widget, {f"{n:02}": frames["dark"][:4] for n in range(20)})
    assert [role for role, _, _ in rows(widget)] == ["flat"] * 20
    assert table.is_folded("flat")  # as they are many
    table.topLevelItem(0).setExpanded(True)
    table.select(*range(10))
    table.set_selected_role("dark")
    assert [role for role, _, _ in rows(widget)] == ["dark"] * 10 + ["flat"] * 10
    assert [table.topLevelItem(n).text(0) for n in (0, 1)] == ["10 darks", "10 flats"]
    # A group stands for what is in it.
    table.clearSelection()
    table.topLevelItem(0).setSelected(True)
    table.remove_selected()
    assert len(rows(widget)) == 10


def test_a_level_is_typed_in(loaded):
    _, widget = loaded
    table = widget.frames.table
    dark = table.topLevelItem(0).child(0)
    table.itemDoubleClicked.emit(dark, 1)
    assert table.isPersistentEditorOpen(dark, 1) or table.state() == table.State.EditingState
    dark.setText(1, " 7 ms ")
    assert table.sources()[0].level == "7 ms"


def test_many_names_do_not_fill_the_dock(bench, frames):
    viewer, widget = bench
    add_layers(viewer, widget, {f"a stack of some {n:03}": frames["dark"][:4] for n in range(60)})
    assert "a stack of some 002 and 57 more" in widget.message
    assert len(widget.bar._status.text()) < 340


def test_a_long_message_is_cut_and_is_in_full_in_its_tooltip(bench):
    _, widget = bench
    sentence = "A message of many words. " * 40
    widget.bar.say(sentence)
    assert widget.message == sentence
    assert len(widget.bar._status.text()) < 340
    assert widget.bar._status.toolTip() == sentence
    widget.bar.say("Done.")
    assert "A message" not in widget.bar._status.toolTip()


def test_an_estimate_goes_when_another_image_is_chosen_or_one_is_refused(bench, finish, errors):
    viewer, widget = bench
    sample = make_sample("filaments")
    layer = viewer.add_image(sample.counts[:256, :256], name="filaments")
    even = viewer.add_image(np.full((80, 80), 100, np.uint16), contrast_limits=(0, 1), name="even")
    page = widget.estimate
    widget.show_page(page)
    page.source.set_layer(layer)
    assert finish(widget).estimate.found is not None
    assert page._use.isEnabled()
    page.source.set_layer(even)
    assert (page.found, page.text, page._use.isEnabled()) == (None, "", False)
    page.source.set_layer(layer)
    assert page.found is None
    finish(widget)
    layer.data = np.full((80, 80), 100, np.uint16)
    finish(widget)
    assert len(errors) == 1
    assert (page.found, page._use.isEnabled(), page._group.isHidden()) == (None, False, True)


def test_an_estimate_is_put_in_plain_words(bench, finish):
    viewer, widget = bench
    viewer.add_image(make_sample("filaments").counts[:256, :256], name="filaments")
    widget.show_page(widget.estimate)
    page = finish(widget).estimate
    assert "not known" in page.text
    assert "oise-free" not in page.text
    page.offset.setValue(100)
    assert "100 ADU" in page.text
    assert "as you say" in page.text


@pytest.mark.parametrize("inside", [False, True], ids=["of the set", "of its images"])
def test_a_folder_of_the_standard_tells_roles_and_exposures(bench, tmp_path, rng, inside):
    _, widget = bench
    (tmp_path / "images").mkdir()
    lines = ["v 3.0", "n 12 24 16"]
    for number in range(20):
        for kind in "bd":
            photons = " 9.0" if kind == "b" else ""
            lines.append(f"{kind} {(number + 1) * 1e6}{photons}")
            for snap in (1, 2):
                name = f"{kind}_{number:03}_snap_{snap:03}.tif"
                tifffile.imwrite(tmp_path / "images" / name, np.zeros((16, 24), np.uint16))
                lines.append(f"i images\\{name}")
    (tmp_path / "EMVA1288_Data.txt").write_text("\n".join(lines))
    widget.frames.table.add(widget_sources(tmp_path / "images" if inside else tmp_path))
    table = widget.frames.table
    assert rows(widget)[0] == ("dark", "1 ms", 2)
    assert rows(widget)[-1] == ("flat", "20 ms", 2)
    heads = [[table.topLevelItem(n).text(column) for column in range(4)] for n in (0, 1)]
    assert [head[0] for head in heads] == ["20 darks", "20 flats"]
    assert all(head[1:] == ["1–20 ms", "40", "16×24"] for head in heads)
    assert table.sources()[0].name == "d_000_snap"
