"""A small network that ends in a dense layer, as early denoising CNNs did: a comparator.

Convolution, pooling, convolution, pooling, dense: every pixel of a patch is a sum over all of it,
so it knows one size of patch and no other.
"""

from __future__ import annotations

from torch import Tensor, nn

from napari_photon_denoise.errors import PhotonDenoiseError


class DenseCnn(nn.Module):
    """Maps ``(B, 1, edge, edge)`` to the same.

    Parameters
    ----------
    edge : int
        Of its patches, px; a multiple of 4.
    widths : (int, int)
        Channels of the two convolutions.
    """

    def __init__(self, edge: int = 32, widths: tuple[int, int] = (16, 32)) -> None:
        super().__init__()
        self.edge = edge
        first, second = widths
        self.layers = nn.Sequential(
            nn.Conv2d(1, first, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(first, second, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
        )
        self.tail = nn.Linear(second * (edge // 4) ** 2, edge**2)

    def forward(self, x: Tensor) -> Tensor:
        """Denoise patches, (B, 1, edge, edge).

        Raises
        ------
        PhotonDenoiseError
            If they are of another size.
        """
        if x.shape[1:] != (1, self.edge, self.edge):
            raise PhotonDenoiseError(
                f"This network knows patches of {self.edge} × {self.edge} px and no others, not "
                f"{' × '.join(str(size) for size in x.shape[2:])}: cut the image, or take DnCNN."
            )
        clean: Tensor = self.tail(self.layers(x)).reshape(x.shape)
        return clean
