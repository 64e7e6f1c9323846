"""Cameras: presets, calibration files, the noise model and the virtual camera."""
