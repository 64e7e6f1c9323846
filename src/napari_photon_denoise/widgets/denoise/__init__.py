"""Photon denoise: the dock widget from a noisy layer to its denoised photons."""
