"""Cameras: photon transfer, estimates from an image, presets, calibration files, noise model."""
