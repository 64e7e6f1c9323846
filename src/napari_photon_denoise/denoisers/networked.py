"""What all methods share that run a network: PyTorch, and the precision of its arithmetic."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import SerializerFunctionWrapHandler, model_serializer

from napari_photon_denoise.denoiser import Method
from napari_photon_denoise.errors import DeviceError
from napari_photon_denoise.parameters import record


class Networked(Method):
    """Base of the methods that run a network."""

    precision: Literal["", "float32", "bfloat16"] = record(
        "Precision of the network's convolutions; empty before the processor has decided it."
    )

    @model_serializer(mode="wrap")
    def _without_nothing(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Name the precision only where it is decided: other recipes are as they were before."""
        facts: dict[str, Any] = write(self)
        if not self.precision:
            facts.pop("precision", None)
        return facts

    def on(self, device: str) -> Self:
        """Return this method with the precision that the device is made for, unless it has one.

        Raises
        ------
        DeviceError
            If the device is not there, or PyTorch is missing.
        """
        if self.precision:
            return self
        load_torch(self.title)
        return self.with_precision(device)

    def with_precision(self, device: str) -> Self:
        """Do what `on` does, once torch is there."""
        if self.precision:
            return self
        from napari_photon_denoise.networks.device import choose_device
        from napari_photon_denoise.networks.precision import choose_precision

        return self.model_copy(update={"precision": choose_precision(choose_device(device))})


def load_torch(title: str) -> None:
    """Import torch, or say what is missing.

    Raises
    ------
    DeviceError
        If PyTorch is not there, or its libraries can't be loaded.
    """
    from napari_photon_denoise.networks.early import load_libraries

    try:
        load_libraries()
        import safetensors  # noqa: F401
        import torch  # noqa: F401
    except (ImportError, OSError) as error:
        raise DeviceError(
            f"{title} needs PyTorch, which can't be loaded ({error}): install torch and "
            "safetensors (see pytorch.org), or choose another method, such as non-local means."
        ) from error
