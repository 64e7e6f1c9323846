import napari_photon_denoise as npd
from napari_photon_denoise.denoisers.names import result_name


def test_a_result_is_called_after_its_method_and_what_was_changed():
    assert result_name(npd.Gaussian()) == "Gaussian"
    assert result_name(npd.NonlocalMeans(strength=1.2)) == "NLM, strength 1.2"
    assert result_name(npd.Resunet(flips=True)) == "RESUNET, flips on"


def test_an_own_model_is_named_once():
    assert result_name(npd.Resunet(model="mine/cells.safetensors")) == "cells"
    flipped = npd.Resunet(model="mine/cells.safetensors", flips=True)
    assert result_name(flipped) == "cells, flips on"


def test_what_is_given_beside_is_told_apart_too():
    learning = npd.Noise2Void(epochs=3)
    assert result_name(npd.Noise2Void(), "standard deviation") == "Noise2Void standard deviation"
    assert result_name(learning, "standard deviation") == (
        "Noise2Void standard deviation, epochs 3"
    )
