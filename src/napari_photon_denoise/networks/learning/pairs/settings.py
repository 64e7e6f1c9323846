"""What a user chooses for a training on own pairs; each is declared here, and only here."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from napari_photon_denoise.errors import PhotonDenoiseError, one_sentence

Body = Literal["resunet", "u-net", "autoencoder", "rcan", "dncnn"]
Loss = Literal["mixed", "symmetric-kl", "poisson-deviance", "mse", "l1"]
UNBIASED = ("mixed", "poisson-deviance", "mse")  # whose minimum is the mean of noisy targets

SHIPPED = "resunet-2d"
WIDTHS = (32, 64, 96, 128)
WIDTHS_3D = (16, 32, 48, 64)  # a voxel of the rest costs as much as a pixel of the others


class PairSettings(BaseModel):
    """Network and training; None is chosen by what the others are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Body = Field("resunet", description="the network")
    dimensions: Literal[2, 3] = Field(
        2, description="3 convolves across planes too: for stacks that are sampled finely in z"
    )
    planes: int = Field(
        1, ge=1, le=15, description="odd; neighbouring planes or frames that a 2-D network sees"
    )
    widths: tuple[int, ...] | None = Field(
        None,
        description="channels of the levels of resunet, u-net and autoencoder "
        f"(default: {' '.join(map(str, WIDTHS))}; 3-D: {' '.join(map(str, WIDTHS_3D))})",
    )
    init: str | None = Field(
        None,
        description="model to start from: a shipped one, a file, or none "
        f"(default: {SHIPPED} for a 2-D resunet of its widths, else none)",
    )
    loss: Loss = Field(
        "mixed",
        description="what is minimised; mixed is mse and half of poisson-deviance, as for the "
        "shipped models",
    )
    clean_is_noisy: bool = Field(
        False, description="the clean images are noisy too: a second exposure (noise to noise)"
    )
    exposure_ratio: float | None = Field(
        None,
        gt=0,
        description="exposure of the noisy images over that of the clean ones "
        "(default: estimated from their light)",
    )
    steps: int = Field(2000, ge=1, description="batches to train on")
    patch: int | None = Field(
        None, ge=16, le=1024, description="edge of a patch, px (default: 96; 3-D: 64)"
    )
    depth: int = Field(16, ge=2, le=256, description="planes of a 3-D patch")
    batch: int | None = Field(
        None, ge=1, le=1024, description="patches a step (default: 16; 3-D: 4, rcan 1)"
    )
    learning_rate: float | None = Field(
        None, gt=0, le=1, description="at its highest (default: 0.002; from a model: 0.0005)"
    )
    seed: int = Field(0, ge=0, description="same seed, same training")

    @model_validator(mode="after")
    def _check(self) -> PairSettings:
        """Refuse what does not go together."""
        if self.planes % 2 == 0:
            raise ValueError("planes must be odd: the plane itself and as many on each side")
        if self.dimensions == 3 and self.planes > 1:
            raise ValueError("a 3-D network sees all planes: leave --planes out")
        if self.dimensions == 3 and self.method == "dncnn":
            raise ValueError("dncnn is 2-D only: choose resunet or rcan")
        if self.widths is not None and (
            self.method in ("rcan", "dncnn")
            or not 2 <= len(self.widths) <= 5
            or min(self.widths) < 1
        ):
            raise ValueError("widths are 2 to 5 numbers, for resunet, u-net and autoencoder")
        if self.clean_is_noisy and self.loss not in UNBIASED:
            raise ValueError(
                f"with noisy targets {self.loss} learns values that are too low: choose "
                f"{', '.join(UNBIASED)}"
            )
        return self

    @property
    def channels(self) -> tuple[int, ...]:
        """Widths, chosen or default."""
        return self.widths or (WIDTHS_3D if self.dimensions == 3 else WIDTHS)

    @property
    def start(self) -> str | None:
        """The model to start from, chosen or default."""
        if self.init is not None:
            return None if self.init == "none" else self.init
        fits = self.method == "resunet" and self.dimensions == 2 and self.channels == WIDTHS
        return SHIPPED if fits else None

    @property
    def edge(self) -> int:
        """Edge of a patch, chosen or default, px."""
        return self.patch or (64 if self.dimensions == 3 else 96)

    @property
    def patches(self) -> int:
        """Patches a step, chosen or default."""
        deep = 1 if self.method == "rcan" else 4  # no pooling: every layer is of full size
        return self.batch or (deep if self.dimensions == 3 else 16)

    @property
    def rate(self) -> float:
        """Highest learning rate, chosen or default."""
        return self.learning_rate or (2e-3 if self.start is None else 5e-4)


def make_settings(given: dict[str, Any]) -> PairSettings:
    """Make settings from what was given.

    Raises
    ------
    PhotonDenoiseError
        If a value is out of range, or they do not go together.
    """
    try:
        return PairSettings.model_validate(given)
    except ValidationError as error:
        fault = error.errors()[0]
        if not fault["loc"]:
            raise PhotonDenoiseError(f"{fault['msg'].removeprefix('Value error, ')}.") from None
        raise PhotonDenoiseError(one_sentence(error, "train")) from None
