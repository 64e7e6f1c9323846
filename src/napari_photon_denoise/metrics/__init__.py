"""Figures that say what a denoised image is worth."""

from napari_photon_denoise.metrics.with_truth import bias, mse, psnr, ssim

__all__ = ["bias", "mse", "psnr", "ssim"]
