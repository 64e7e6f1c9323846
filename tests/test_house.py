"""Who may import whom: every import of the package, types and inside functions included."""

import pytest

from house import (
    FLAG,
    RANK,
    against_the_order,
    find_circles,
    flags_in_sentences,
    place_of,
    read_imports,
)


@pytest.fixture(scope="module")
def graph():
    return read_imports()


def test_every_place_is_in_the_order(graph):
    assert {place_of(module) for module in graph} <= set(RANK)


def test_no_import_runs_back_up(graph):
    assert against_the_order(graph) == []


def test_no_circles(graph):
    assert find_circles(graph) == []


@pytest.mark.parametrize(
    ("module", "other"),
    [("calibration", "pipeline"), ("metrics.structure", "evaluation.figures"), ("cli", "widgets")],
)
def test_an_import_against_the_order_is_found(graph, module, other):
    wrong = {**graph, module: {*graph.get(module, ()), other}}
    assert f"{module} → {other}" in against_the_order(wrong)


def test_a_circle_is_found(graph):
    wrong = {**graph, "errors": {"axes"}}
    assert ["axes", "errors"] in [circle for circle in find_circles(wrong) if "axes" in circle]


def test_sentences_of_the_core_name_no_flags():
    assert flags_in_sentences() == []
    assert FLAG.search("choose a smaller --patch, or")
