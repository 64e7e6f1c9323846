from dataclasses import replace

import pytest

pytest.importorskip("torch")

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.bioimage.sheet import (
    Author,
    Citation,
    Sheet,
    citations,
    read_author,
    read_citation,
)

SHEET = Sheet("A denoiser", "It denoises.", (), "", ())


@pytest.mark.parametrize(
    ("text", "author"),
    [
        ("Josiah Carberry", Author("Josiah Carberry")),
        (" Josiah Carberry ; Brown ", Author("Josiah Carberry", "Brown")),
        ("J; 0000-0002-1825-0097", Author("J", "", "0000-0002-1825-0097")),
        ("J; Brown; 0000-0002-1694-233X", Author("J", "Brown", "0000-0002-1694-233X")),
    ],
)
def test_an_author_is_read(text, author):
    assert read_author(text) == author


@pytest.mark.parametrize(
    "text", ["", "; Brown", "a/b", "J; Brown; London", "J; Brown; 0000-0002-1825-0098"]
)
def test_what_names_no_author_is_refused(text):
    with pytest.raises(PhotonDenoiseError, match="names no author"):
        read_author(text)


@pytest.mark.parametrize("doi", ["10.1/x", "http://example.org", ""])
def test_a_citation_needs_a_doi(doi):
    with pytest.raises(PhotonDenoiseError, match="is no citation"):
        read_citation(f"Somebody 2026; {doi}")


def test_a_citation_is_read():
    wanted = Citation("Somebody; and others 2026", "10.1234/abc")
    assert read_citation("Somebody; and others 2026; https://doi.org/10.1234/abc") == wanted


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": "n2v"}, "can't be the name"),
        ({"name": "Zellkerne für alle"}, "can't be the name"),
        ({"description": "x" * 600}, "600 characters"),
        ({"licence": "my own!"}, "no licence's identifier"),
    ],
)
def test_what_the_zoo_would_refuse_is_refused(changed, sentence):
    with pytest.raises(PhotonDenoiseError, match=sentence):
        replace(SHEET, **changed)


def test_every_network_names_its_papers():
    blind = {"form": "blind", "body": "n2v2"}
    assert len(citations(Architecture(**blind))) == 2
    assert citations(Architecture(**blind, samples=2))[-1].doi == "10.3389/fcomp.2020.00005"
    assert citations(Architecture(**blind, psf=(3, 3)))[-1].doi == "10.48550/arXiv.2008.08414"
    assert citations(Architecture(body="rcan"))[0].doi == "10.1038/s41592-021-01155-x"
