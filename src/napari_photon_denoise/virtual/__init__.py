"""The virtual camera: scenes, optics, noise, and images made of them."""
