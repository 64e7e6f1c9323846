import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog, QFormLayout, QLabel, QWidget

from all_kinds import OPTIONS, AllKinds
from napari_photon_denoise.camera.stated import StatedCamera
from napari_photon_denoise.denoisers import METHODS, Resunet
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.networks.learning.pairs.settings import PairSettings
from napari_photon_denoise.parameter_kinds import NumberParameter
from napari_photon_denoise.parameters import declared_parameters
from napari_photon_denoise.widgets.parts.boxes import Boxes
from napari_photon_denoise.widgets.parts.form import MethodForm, MethodPicker
from napari_photon_denoise.words import unit_for

KINDS = [*METHODS.values(), AllKinds]


def numbers(method):
    return [part for part in declared_parameters(method) if isinstance(part, NumberParameter)]


@pytest.fixture
def all_kinds(qtbot):
    form = MethodForm(AllKinds)
    qtbot.addWidget(form)
    return form


@pytest.mark.parametrize("method", KINDS)
def test_form_says_what_was_declared(qtbot, method):
    form = MethodForm(method)
    qtbot.addWidget(form)
    assert form.value() == method()
    for parameter in declared_parameters(method):
        assert parameter.text in form._boxes[parameter.name].native.toolTip()
    for parameter in numbers(method):
        box = form._boxes[parameter.name].native
        assert (box.minimum(), box.maximum()) == (parameter.ge, parameter.le)
        assert box.singleStep() == parameter.step
        assert box.suffix().strip() == unit_for(parameter.default, parameter.unit)


def test_one_plane_is_no_planes(qtbot):
    form = MethodForm(METHODS["non-local-means"])
    qtbot.addWidget(form)
    box = form._boxes["patch_z"].native
    assert box.text() == "1 plane"
    box.setValue(3)
    assert box.text() == "3 planes"


@pytest.mark.parametrize("method", KINDS)
def test_limits_come_back_exactly(qtbot, method):
    form = MethodForm(method)
    qtbot.addWidget(form)
    for end in ("ge", "le"):
        values = {part.name: getattr(part, end) for part in numbers(method)}
        with qtbot.waitSignal(form.valueChanged):
            form.setValue(method(**values))
        assert form.value() == method(**values)


def test_a_step_never_leads_to_an_even_window(qtbot):
    form = MethodForm(METHODS["median"])
    qtbot.addWidget(form)
    for _ in range(3):
        form._boxes["size"].native.stepUp()
    assert form.value().size == 9
    form._boxes["size"].value = 4
    with pytest.raises(PhotonDenoiseError, match="odd"):
        form.value()


def test_what_is_greyed_out_has_its_default(qtbot):
    form = MethodForm(METHODS["gaussian"])
    qtbot.addWidget(form)
    form.setValue(METHODS["gaussian"](sigma=2, sigma_z=3))
    form.set_sizes({"Y": 9, "X": 9})
    assert form.value() == METHODS["gaussian"](sigma=2)
    form.set_sizes({"Z": 3, "Y": 9, "X": 9})
    assert form.value() == METHODS["gaussian"](sigma=2, sigma_z=3)


def test_each_method_keeps_its_values(qtbot):
    picker = MethodPicker(METHODS)
    qtbot.addWidget(picker)
    picker.setValue(METHODS["box"](size=9))
    picker.choose("gaussian")
    picker.choose("box")
    assert picker.value() == METHODS["box"](size=9)


def test_the_network_comes_first(qtbot):
    picker = MethodPicker(METHODS)
    qtbot.addWidget(picker)
    assert picker.value() == Resunet()


@pytest.mark.parametrize(
    ("sizes", "enabled"),
    [("YX", False), ("ZYX", True), ("TYX", True), ("CYX", False), ("", False)],
)
def test_neighbours_need_more_than_one_plane(qtbot, sizes, enabled):
    form = MethodForm(Resunet)
    qtbot.addWidget(form)
    box = form._boxes["neighbours"]
    box.value = "t"
    form.set_sizes(dict.fromkeys(sizes, 5))
    assert box.enabled == enabled
    assert ("one plane only" in box.native.toolTip()) == (not enabled)
    assert form.value().neighbours == ("t" if enabled else "auto")
    form.set_sizes(dict.fromkeys(sizes, 1))
    assert not box.enabled


def test_help_of_the_choice_is_in_sight(all_kinds, qtbot, tmp_path):
    lines = [label.text() for label in all_kinds.findChildren(QLabel)]
    assert OPTIONS["auto"] in lines
    all_kinds._boxes["model"].value = "sharp"
    lines = [label.text() for label in all_kinds.findChildren(QLabel)]
    assert OPTIONS["sharp"] in lines
    assert OPTIONS["auto"] not in lines


def test_long_names_do_not_widen_the_form(qtbot, tmp_path):
    form = MethodForm(Resunet)
    qtbot.addWidget(form)
    file = tmp_path / ("long_" * 20) / ("name_" * 20 + ".safetensors")
    form.setValue(Resunet(model=file))
    assert form.minimumSizeHint().width() < 250  # of a dock of 300
    assert form._boxes["model"].native.itemData(
        form._boxes["model"].native.currentIndex(), Qt.ItemDataRole.ToolTipRole
    ) == str(file)
    assert "A file of your own." in [label.text() for label in form.findChildren(QLabel)]


def test_choices_and_switches_are_shown(all_kinds):
    combo = all_kinds._boxes["border"].native
    assert [combo.itemText(at) for at in range(combo.count())] == ["mirror", "zero"]
    combo = all_kinds._boxes["model"].native
    tips = [combo.itemData(at, Qt.ItemDataRole.ToolTipRole) for at in range(combo.count())]
    assert tips == list(OPTIONS.values())
    switch = all_kinds._boxes["turned_copies"].native
    assert (switch.text(), switch.isChecked()) == ("Turned copies", True)


def test_choices_and_switches_are_followed(all_kinds, qtbot):
    with qtbot.waitSignal(all_kinds.valueChanged):
        all_kinds._boxes["turned_copies"].native.click()
    with qtbot.waitSignal(all_kinds.valueChanged):
        all_kinds._boxes["border"].native.setCurrentText("zero")
    assert all_kinds.value() == AllKinds(turned_copies=False, border="zero")


def test_a_file_is_chosen_instead(all_kinds, qtbot, tmp_path, monkeypatch):
    mine, other = (str(tmp_path / name / "m.safetensors") for name in ("mine", "other"))
    button = file_button(all_kinds, "model")
    assert file_button(all_kinds, "border") is None
    for path in (mine, other):
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, path=path: (path, ""))
        with qtbot.waitSignal(all_kinds.valueChanged):
            button.click()
        assert all_kinds.value() == AllKinds(model=path)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    button.click()
    assert all_kinds.value() == AllKinds(model=other)
    assert len(all_kinds._boxes["model"].choices) == len(OPTIONS) + 1
    all_kinds._boxes["model"].reset_choices()  # as when the widget is docked elsewhere
    assert all_kinds.value() == AllKinds(model=other)


def test_every_kind_comes_back(all_kinds, tmp_path):
    shown = AllKinds(model=tmp_path / "m.safetensors", border="zero", quick=True, width=7)
    all_kinds.setValue(shown)
    assert all_kinds.value() == shown
    all_kinds.setValue(AllKinds())
    assert all_kinds.value() == AllKinds()


def file_button(form, name):
    """Button below a choice, if there is one."""
    layout = form.layout()
    for number in range(layout.rowCount()):
        rows = layout.itemAt(number, QFormLayout.ItemRole.FieldRole).layout()
        if rows is not None and rows.itemAt(0).widget() is form._boxes[name].native:
            return rows.itemAt(1).layout().itemAt(0).widget() if rows.count() > 1 else None
    raise AssertionError(name)


def test_a_unit_stands_behind_the_number_or_in_the_label(qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    layout = QFormLayout(page)
    boxes = Boxes(layout, declared_parameters(StatedCamera), unit_in_label=True)
    box = boxes["offset"].native
    box.setValue(-32768)
    assert box.text() == "-32768.00"
    assert layout.labelForField(box).text() == "Offset, ADU"


def test_settings_of_pairs_have_a_form_too(qtbot):
    """With a row of numbers, and what is chosen by the rest unless it is said."""
    box = QWidget()
    qtbot.addWidget(box)
    boxes = Boxes(QFormLayout(box), declared_parameters(PairSettings))
    assert PairSettings(**boxes.value()) == PairSettings()
    said = PairSettings(
        method="u-net", planes=5, widths=(8, 16), init="none", loss="mse", clean_is_noisy=True,
        exposure_ratio=0.25, patch=32, batch=4, learning_rate=0.001, steps=7, seed=3,
    )  # fmt: skip
    boxes.setValue(said)
    assert PairSettings(**boxes.value()) == said
    assert boxes["widths"].value == "8 16"
    boxes.setValue(PairSettings())
    assert PairSettings(**boxes.value()) == PairSettings()
