import numpy as np
import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.networks.learning.grain import (
    CUTOFFS,
    LINE_OFFSET,
    RADIUS,
    blur,
    draw_taps,
    length_of,
    offset_lines,
)

LENGTHS = (0.3, 1.6)


def white(rng, *shape):
    return torch.from_numpy(rng.standard_normal(shape, dtype=np.float32))


@pytest.mark.parametrize("sharp", [0, 1])
def test_blurs_keep_the_variance(rng, sharp):
    taps, _ = draw_taps(60, LENGTHS, sharp, rng)
    blurred = blur(white(rng, 60, 2, 96, 96), taps)
    np.testing.assert_allclose(blurred.var(dim=(1, 2, 3)), 1, atol=0.25)
    assert blurred.var() == pytest.approx(1, abs=0.03)


def test_gaussians_are_told_by_their_length(rng):
    taps, told = draw_taps(500, (0.8, 0.8), 0, rng)
    np.testing.assert_allclose(told[:, 1], 0.8, rtol=0.201)
    assert told[:, 1].mean() == pytest.approx(0.8, rel=0.02)
    along_x = told[:, 0] == 0
    assert 0.3 < along_x.mean() < 0.5
    assert (taps[along_x, 0, RADIUS] == 1).all()


@pytest.mark.parametrize("length", [0.3, 0.57, 1.0, 1.6])
def test_the_length_is_that_of_the_same_correlation_of_neighbours(length):
    taps = np.exp(-0.5 * np.square(np.arange(-20, 21) / length))
    shared = (taps[1:] * taps[:-1]).sum() / np.square(taps).sum()
    assert length_of(shared) == pytest.approx(length, abs=0.01)
    assert length_of(0.0) == 0


def test_sharp_spectra_end(rng):
    """Above the highest cutoff is nothing left, where a Gaussian has its tail."""
    taps, _ = draw_taps(300, LENGTHS, 1, rng)
    spectrum = np.abs(np.fft.fft(taps[:, 1], 64)) ** 2
    frequency = np.abs(np.fft.fftfreq(64))
    low = spectrum[:, frequency < CUTOFFS[0] / 2].mean(1)
    assert (spectrum[:, frequency > 0.49].mean(1) < low).all()
    # Noise behind an amplifier rings: its second neighbours may differ more than chance.
    second = (taps[:, 1, 2:] * taps[:, 1, :-2]).sum(-1)
    assert second.min() < -0.1


def test_lines_have_an_offset_each(rng):
    source = torch.Generator().manual_seed(0)
    noise = 5 * white(rng, 200, 1, 64, 64)
    lines = (offset_lines(noise, rng, source) - noise).numpy()
    np.testing.assert_allclose(lines, lines[..., :1].repeat(64, -1), atol=1e-5)
    strength = lines[..., 0].std(-1) / 5
    assert 0.8 * LINE_OFFSET < strength.max() < 1.4 * LINE_OFFSET
    assert strength.mean() == pytest.approx(LINE_OFFSET / 2, rel=0.15)


def test_no_patches_are_no_trouble(rng):
    nothing = torch.zeros(0, 1, 32, 32)
    assert offset_lines(nothing, rng, torch.Generator()).shape == nothing.shape
