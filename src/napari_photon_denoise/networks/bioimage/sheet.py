"""What a package says of itself to people: name, authors, licence, citations."""

from __future__ import annotations

import re
from dataclasses import dataclass

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.networks.architecture import Architecture

ORCID = re.compile(r"(\d{4}-){3}\d{3}[\dX]")
DOI = re.compile(r"10\.\d{4,}\S+")
SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
LONGEST_NAME, LONGEST_DESCRIPTION = 64, 512  # characters, beyond which the zoo warns


@dataclass(frozen=True)
class Author:
    """Who made a model.

    Parameters
    ----------
    name : str
    affiliation, orcid : str
        Empty where unknown.
    """

    name: str
    affiliation: str = ""
    orcid: str = ""


@dataclass(frozen=True)
class Citation:
    """What to cite.

    Parameters
    ----------
    text, doi : str
    """

    text: str
    doi: str


@dataclass(frozen=True)
class Sheet:
    """The cover sheet of a package.

    Parameters
    ----------
    name : str
        For people: letters, digits, spaces and ``_+-()``.
    description : str
    authors : tuple of Author
    licence : str
        SPDX identifier, such as "BSD-3-Clause"; empty where nobody chose one.
    cite : tuple of Citation

    Raises
    ------
    PhotonDenoiseError
        If the zoo would refuse the name, the description or the licence.
    """

    name: str
    description: str
    authors: tuple[Author, ...]
    licence: str
    cite: tuple[Citation, ...]

    def __post_init__(self) -> None:
        """Check what the format limits."""
        if not re.fullmatch(rf"[A-Za-z0-9_+\-() ]{{5,{LONGEST_NAME}}}", self.name):
            raise PhotonDenoiseError(
                f"'{self.name}' can't be the name of a package: use 5 to {LONGEST_NAME} letters "
                "(without accents), digits, spaces and _ + - ( )."
            )
        if len(self.description) > LONGEST_DESCRIPTION:
            raise PhotonDenoiseError(
                f"The description has {len(self.description)} characters: shorten it to "
                f"{LONGEST_DESCRIPTION}."
            )
        if self.licence and not SPDX.fullmatch(self.licence):
            raise PhotonDenoiseError(
                f"'{self.licence}' is no licence's identifier: give one of https://spdx.org/licenses,"
                " such as CC-BY-4.0 or BSD-3-Clause."
            )


RESUNET = Citation(
    "Xypakis et al. 2023, Physics-informed deep neural network for image denoising, Optics "
    "Express 31, 43838",
    "10.1364/OE.504606",
)
NOISE2VOID = Citation(
    "Krull, Buchholz and Jug 2019, Noise2Void: learning denoising from single noisy images, CVPR",
    "10.1109/CVPR.2019.00223",
)
BODIES: dict[str, tuple[Citation, ...]] = {
    "resunet": (RESUNET,),
    "u-net": (RESUNET,),
    "autoencoder": (RESUNET,),
    "rcan": (
        Citation(
            "Chen et al. 2021, Three-dimensional residual channel attention networks denoise and "
            "sharpen fluorescence microscopy image volumes, Nature Methods 18",
            "10.1038/s41592-021-01155-x",
        ),
    ),
    "dncnn": (
        Citation(
            "Zhang et al. 2017, Beyond a Gaussian denoiser: residual learning of deep CNN for "
            "image denoising, IEEE Transactions on Image Processing 26",
            "10.1109/TIP.2017.2662206",
        ),
    ),
    "care": (
        Citation(
            "Weigert et al. 2018, Content-aware image restoration: pushing the limits of "
            "fluorescence microscopy, Nature Methods 15",
            "10.1038/s41592-018-0216-7",
        ),
    ),
    "n2v": (NOISE2VOID,),
    "n2v2": (
        NOISE2VOID,
        Citation(
            "Höck, Buchholz, Brachmann, Jug and Freytag 2022, N2V2: fixing Noise2Void "
            "checkerboard artifacts with modified sampling strategies and a tweaked network "
            "architecture",
            "10.48550/arXiv.2211.08512",
        ),
    ),
}
OWN_PHOTONS = Citation(
    "Krull, Vicar, Prakash, Lalit and Jug 2020, Probabilistic Noise2Void: unsupervised "
    "content-aware denoising, Frontiers in Computer Science 2",
    "10.3389/fcomp.2020.00005",
)
POINT_SPREAD = Citation(
    "Goncharova, Honigmann, Jug and Krull 2020, Improving blind spot denoising for microscopy",
    "10.48550/arXiv.2008.08414",
)


def citations(architecture: Architecture) -> tuple[Citation, ...]:
    """Return where a network comes from."""
    found = BODIES[architecture.body]
    if architecture.samples > 1:
        return (*found, OWN_PHOTONS)
    return found if architecture.psf is None else (*found, POINT_SPREAD)


def read_author(text: str) -> Author:
    """Read "NAME; AFFILIATION; ORCID"; all but the name may be left out.

    Raises
    ------
    PhotonDenoiseError
        If it says something else.
    """
    name, *more = (part.strip() for part in text.split(";"))
    orcid = next((part for part in more if ORCID.fullmatch(part)), "")
    others = [part for part in more if part and part != orcid]
    if not name or len(others) > 1 or "/" in name or (orcid and not _sums_up(orcid)):
        raise PhotonDenoiseError(
            f"'{text}' names no author: write 'NAME; AFFILIATION; ORCID', such as 'Josiah "
            "Carberry; Brown University; 0000-0002-1825-0097'; only the name is needed."
        )
    return Author(name, others[0] if others else "", orcid)


def read_citation(text: str) -> Citation:
    """Read "TEXT; DOI".

    Raises
    ------
    PhotonDenoiseError
        If it says something else.
    """
    words, _, doi = (part.strip() for part in text.rpartition(";"))
    doi = doi.removeprefix("https://doi.org/").removeprefix("doi:")
    if not words or not DOI.fullmatch(doi):
        raise PhotonDenoiseError(
            f"'{text}' is no citation: write 'TEXT; DOI', such as 'Author et al. 2026, Title; "
            "10.1364/OE.504606'."
        )
    return Citation(words, doi)


def _sums_up(orcid: str) -> bool:
    """Whether the last digit checks the others, ISO 7064 11,2."""
    digits = orcid.replace("-", "")
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == digits[-1]
