"""Learning from the noisy image alone: predict a pixel from all others (Noise2Void and its kin)."""
