"""Compiled filters for the CPU: numba lives here and only here.

numba takes a second to import, so a denoiser imports these modules inside its preparing
function and never at module level; so do metrics. All filters take and return C-contiguous float32
volumes `(Z, Y, X)` (Z = 1 for an image), extend them by half-sample symmetric reflection
(`scipy.ndimage`'s "reflect") and never change their input.

`borders` and `comparators` hold what the filters share with their torch twins in
`networks.filters`; those two do not need numba. `windows` serves metrics, in float64.
"""
