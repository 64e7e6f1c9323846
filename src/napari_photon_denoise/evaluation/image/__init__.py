"""All figures of one denoised image that its photons, its truth and its method allow."""
