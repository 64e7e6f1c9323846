"""Figures that say what a denoised image is worth.

With a truth:

- `squared_error`: MSE, PSNR, SNR, bias; `affine`: the same after a fit of scale and offset.
- `structure`: SSIM; `distributions`: histograms; `poisson`: divergences of photon numbers.
- `exposure`: a truth of another exposure, with noise of its own.
- `signal_improvement`: before and after, plane by plane with `slices`.

Without one:

- `consistency`: is what was removed noise, and nothing but noise?
- `conservation`: are the photons of each region still there? `regions`: is their residual noise?
- `flags`: places over-smoothed or invented, by `windows`; `support`: is fine contrast real?
- `thinning`: two independent images from one; `held_out`: a method judged by photons it has not
  seen; `resolution`: Fourier ring correlation of two images.
- `applicable`: when none of that means anything, and what is given instead.

`hints`, `learning_hints`: what a network has to say of an image, and what is wrong with a result.

To look at: `profile` along a line, `curves` of histograms.

`resolution_ratio`: the voxel beside the point-spread function. `checks`: what images must be.
"""
