"""How figures are defined here, and where that differs from what the paper prints."""

from __future__ import annotations

from benchmarks.markdown import table

DIFFERENCES = (
    (
        "prints the divergence with its sign reversed, and ½(KL + KLᵀ) as (μ − W) log(μ / W)",
        "KL(μ, W) = μ log(μ / W) + W − μ; J = KL + KLᵀ = (μ − W) log(μ / W), "
        "twice the paper's half sum",
    ),
    (
        "leaves the divergence at zero photons open",
        "photons below zero count as 0, and ε is added to both: 0.5 e- in the figures, "
        "0.01 e- in training",
    ),
    ('writes "SNR ∝ 1/√μ"', "SNR = √μ; 1/√μ is the relative error"),
    (
        "signal improvement is the slope of the divergence in against out, which is above 1 only "
        "with the output's on the x axis",
        "s of J_raw = s · J_result, through the origin; above 1 is better",
    ),
    (
        "improvement of the cumulative probability",
        "Kolmogorov-Smirnov distance of the histograms, raw over result; blind to position",
    ),
    (
        "does not state the range of the SSIM",
        "the truth's maximum minus its minimum, Gaussian window of 1.5 px",
    ),
    (
        "takes 500 ms for the truth, itself Poisson, and does not say whether it is scaled to the "
        "input's exposure",
        "the truth is in the photons of the input's exposure; a measured truth's own noise is "
        "subtracted from squared errors",
    ),
    (
        "Ω = V_input / V_psf, without saying which volumes",
        "one voxel over the ellipsoid of the PSF's widths at half height",
    ),
    (
        "depth, widths and optimiser of RESUNET were not to be found",
        "four levels, see the table of networks; one optimiser for all",
    ),
)
AFTER = """
A ratio such as "SSIM × 1.6" depends on how dark the images are and on the range; ratios of
different image sets can't be compared number by number. What can be compared is the order of the
methods, and whether it holds.
"""
FORMS = """*Stabilised* is this package's form: the network sees photons relative to their
surroundings in units of the expected noise, and returns how much of each deviation is signal. It
holds a path past the body, so a network without skips still sees every pixel. *Plain* is the
published form: photons divided by a constant in, photons out. *J* is the symmetric
Kullback-Leibler loss; *shipped* is the loss of the models that come with this package (squared
error and Poisson deviance, in decibels of each patch). RCAN, whose attention
looks at means over all that it sees, is shown each image whole, as the package does.
"""

RATIOS = """MSE × is the raw image's squared error over the result's; SSIM × the result's over the
raw image's; KS × the raw image's distance over the result's: geometric means over all scenes and
exposures. The slope s comes with the 95 % interval of the regression, which takes the images and
their planes as independent; exposures of one scene are not, so it is somewhat too narrow. The bias
is a plain mean. The best Gaussian knows the truth, which no user does.
"""


def definitions() -> str:
    """Return the section, Markdown."""
    rows = [list(pair) for pair in DIFFERENCES]
    title = "## Where our definitions differ from the paper's\n\n"
    return title + table(["the paper", "here"], rows) + "\n" + AFTER
