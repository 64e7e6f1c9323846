"""What a user chooses for a training on own pairs; each is declared here, and only here."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import SerializerFunctionWrapHandler, model_serializer, model_validator

from napari_photon_denoise.models import shipped_models
from napari_photon_denoise.networks.learning import pace
from napari_photon_denoise.networks.learning.cluster_count import clusters, without_one
from napari_photon_denoise.parameters import Declared, Odd, choice, parameter, row, switch

Body = Literal["resunet", "u-net", "autoencoder", "rcan", "dncnn", "care"]
Loss = Literal["mixed", "symmetric-kl", "poisson-deviance", "mse", "l1"]
UNBIASED = ("mixed", "poisson-deviance", "mse")  # whose minimum is the mean of noisy targets

SHIPPED = "resunet-2d"
RANDOM = "none"
WIDTHS = (32, 64, 96, 128)
WIDTHS_3D = (16, 32, 48, 64)  # a voxel of the rest costs as much as a pixel of the others
WIDTHS_CARE = (32, 64, 128)  # as published, in 2-D and 3-D
CARE = ("deterministic", "networks", "normalisation")  # parameters that only CARE has


class PairSettings(Declared):
    """Network and training; None is chosen by what the others are."""

    method: Body = choice(
        "resunet",
        "The network.",
        options={
            "resunet": "A residual U-Net, as those that are shipped.",
            "u-net": "The same without residual blocks.",
            "autoencoder": "A U-Net without skip connections.",
            "rcan": "Residual channel attention: slow, no pooling.",
            "dncnn": "Plain layers one after the other; 2-D only.",
            "care": "CARE's U-Net: says how sure it is, as a scale and intervals.",
        },
    )
    dimensions: int = parameter(
        2,
        "3 convolves across planes too: for stacks that are sampled finely in z.",
        unit="",
        ge=2,
        le=3,
    )
    planes: Odd = parameter(
        1,
        "Neighbouring planes or frames that a 2-D network sees; odd.",
        unit="planes",
        ge=1,
        le=15,
        step=2,
    )
    widths: tuple[int, ...] | None = row(
        "Channels of the levels of resunet, u-net, autoencoder and care.",
        unit="",
        ge=1,
        le=1024,
        chosen=f"{' '.join(map(str, WIDTHS))}; 3-D: {' '.join(map(str, WIDTHS_3D))}; care: "
        f"{' '.join(map(str, WIDTHS_CARE))}",
    )
    clusters: int = clusters(1)
    init: str | None = choice(
        None,
        "The model to start from.",
        options={RANDOM: "Random weights."}
        | {name: model.text for name, model in shipped_models().items()},
        suffix=".safetensors",
        chosen=f"{SHIPPED} for a 2-D resunet of its widths, else {RANDOM}",
    )
    loss: Loss = choice(
        "mixed",
        "What is minimised.",
        options={
            "mixed": "mse and half of poisson-deviance, as for the shipped models.",
            "symmetric-kl": "Both Kullback-Leibler divergences: below the mean where unsure.",
            "poisson-deviance": "How much less likely the photons are than they could be.",
            "mse": "Squares.",
            "l1": "Absolute errors: the median where unsure.",
        },
    )
    deterministic: bool = switch(
        False,
        "CARE does not say how sure it is, and minimises the loss above instead of Laplace's.",
    )
    networks: int = parameter(
        1,
        "CARE is so many networks, which learn apart; where they disagree none is to be trusted.",
        unit="networks",
        ge=1,
        le=16,
    )
    normalisation: Literal["photons", "percentiles"] = choice(
        "photons",
        "What CARE is told of an image.",
        options={
            "photons": "Photons and the camera's noise, as the networks that are shipped.",
            "percentiles": "As published: the 2nd and the 99.8th percentile, and no more.",
        },
    )
    clean_is_noisy: bool = switch(
        False, "The clean images are noisy too: a second exposure (noise to noise)."
    )
    exposure_ratio: float | None = parameter(
        None,
        "Exposure of the noisy images over that of the clean ones.",
        unit="",
        ge=1e-6,
        le=1e6,
        step=0.01,
        chosen="estimated from their light",
    )
    steps: int = parameter(2000, "Batches to train on.", unit="steps", ge=1, le=10**7, step=100)
    patch: int | None = pace.patch(None, "96 px; 3-D: 64 px")
    depth: int = parameter(16, "Planes of a 3-D patch.", unit="planes", ge=2, le=256)
    batch: int | None = pace.batch(None, "16; 3-D: 4, rcan 1")
    learning_rate: float | None = pace.learning_rate(
        None, "0.002; from a model: 0.0005; percentiles: 0.0004"
    )
    seed: int = pace.seed()

    @classmethod
    def subject(cls) -> str:
        """Whose parameters they are, in the sentence that refuses one."""
        return "train"

    @model_validator(mode="after")
    def _check(self) -> PairSettings:
        """Refuse what does not go together."""
        if self.method != "care" and any(
            getattr(self, name) != type(self).model_fields[name].default for name in CARE
        ):
            raise ValueError(f"{', '.join(CARE)} are for care: choose the method care")
        if self.dimensions == 3 and self.planes > 1:
            raise ValueError("a 3-D network sees all planes: leave planes at 1")
        if self.dimensions == 3 and self.method == "dncnn":
            raise ValueError("dncnn is 2-D only: choose resunet or rcan")
        if self.widths is not None and (
            self.method in ("rcan", "dncnn") or not 2 <= len(self.widths) <= 5
        ):
            raise ValueError("widths are 2 to 5 numbers, for resunet, u-net and autoencoder")
        if self.clusters > 1 and self.method != "dncnn":
            raise ValueError("clusters are shown to dncnn alone: choose it, or 1 cluster")
        if self.clean_is_noisy and self.states_laplace:
            raise ValueError(
                "with noisy targets care learns how noisy those are, not how sure it is: make it "
                "deterministic"
            )
        if self.clean_is_noisy and self.minimised not in UNBIASED:
            raise ValueError(
                f"with noisy targets {self.minimised} learns values that are too low: choose "
                f"{', '.join(UNBIASED)}"
            )
        if self.normalisation == "percentiles" and self.minimised not in ("l1", "mse"):
            raise ValueError(
                "with percentiles results may be negative, which the Poisson losses do not bear: "
                "choose the loss l1 or mse"
            )
        return self

    @model_serializer(mode="wrap")
    def _without_others(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Say of others what was said before there were CARE and clusters: trainings go on."""
        said: dict[str, Any] = without_one(write(self))
        return said if self.method == "care" else {k: v for k, v in said.items() if k not in CARE}

    @property
    def states_laplace(self) -> bool:
        """Whether the network says how sure it is."""
        return self.method == "care" and not self.deterministic

    @property
    def minimised(self) -> str:
        """The loss of a network that does not say how sure it is, chosen or default."""
        return "l1" if self.normalisation == "percentiles" and self.loss == "mixed" else self.loss

    @property
    def channels(self) -> tuple[int, ...]:
        """Widths, chosen or default."""
        if self.method == "care":
            return self.widths or WIDTHS_CARE
        return self.widths or (WIDTHS_3D if self.dimensions == 3 else WIDTHS)

    @property
    def start(self) -> str | None:
        """The model to start from, chosen or default."""
        if self.init is not None:
            return None if self.init == RANDOM else self.init
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
        usual = 2e-3 if self.normalisation == "photons" else 4e-4
        return self.learning_rate or (usual if self.start is None else 5e-4)
