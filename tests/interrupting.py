"""Ctrl-C in the middle of a certain block, however busy the machine is."""

import signal

from napari_photon_denoise.denoisers import Gaussian


def interrupt_at(monkeypatch, number, look):
    """Press Ctrl-C while Gaussian is at the block of a number, from 1 on; look around first."""
    prepare, blocks = Gaussian.prepare, []

    def watched(method, photons, device):
        function = yield from prepare(method, photons, device)

        def blur(block, read_noise):
            blocks.append(block.shape)
            if len(blocks) == number:
                look()
                _press()
            return function(block, read_noise)

        return blur

    monkeypatch.setattr(Gaussian, "prepare", watched)


def _press():
    """Interrupt this process, even where a shell has put it in the background: deaf to Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
