"""A pretrained network learns a little more from the user's own noisy image, if that helps."""
