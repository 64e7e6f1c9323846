import pytest

from napari_photon_denoise import PhotonDenoiseError
from napari_photon_denoise.denoisers import METHODS
from napari_photon_denoise.denoisers.parameters import declared_parameters
from napari_photon_denoise.widgets.form import MethodForm, MethodPicker


@pytest.mark.parametrize("method", METHODS.values())
def test_form_says_what_was_declared(qtbot, method):
    form = MethodForm(method)
    qtbot.addWidget(form)
    assert form.value() == method()
    for parameter in declared_parameters(method):
        box = form._boxes[parameter.name].native
        assert (box.minimum(), box.maximum()) == (parameter.ge, parameter.le)
        assert box.singleStep() == parameter.step
        assert box.suffix().strip() == parameter.unit
        assert parameter.text in box.toolTip()


@pytest.mark.parametrize("method", METHODS.values())
def test_limits_come_back_exactly(qtbot, method):
    form = MethodForm(method)
    qtbot.addWidget(form)
    for end in ("ge", "le"):
        values = {part.name: getattr(part, end) for part in declared_parameters(method)}
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
    form.set_has_z(False)
    assert form.value() == METHODS["gaussian"](sigma=2)
    form.set_has_z(True)
    assert form.value() == METHODS["gaussian"](sigma=2, sigma_z=3)


def test_each_method_keeps_its_values(qtbot):
    picker = MethodPicker()
    qtbot.addWidget(picker)
    picker.setValue(METHODS["box"](size=9))
    picker.choose("gaussian")
    picker.choose("box")
    assert picker.value() == METHODS["box"](size=9)
