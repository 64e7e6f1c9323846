from napari_photon_denoise.evaluation.numbers import FOUR, number, with_error


def test_numbers_are_written_with_three_digits_and_without_powers_of_ten():
    values = (1234.5, 999.7, 100, 39, 1.3, 0.01234, -2, 0, None, float("inf"), float("nan"))
    texts = ["1234", "1000", "100", "39.0", "1.30", "0.0123", "-2.00", "0", "–", "–", "–"]
    assert [number(value) for value in values] == texts
    assert number(1.5, FOUR) == "1.5"
    assert number(-0.0004, "z.3f") == "0.000"


def test_a_value_has_the_digits_of_its_error():
    assert with_error(3.14159, 0.0213) == "3.142 ± 0.021"
    assert with_error(-0.001, 0.21) == "0.00 ± 0.21"
    assert with_error(123456, 211) == "123456 ± 211"
    for nothing in (None, 0, float("nan"), float("inf")):
        assert with_error(1.3, nothing) == "1.30"
    assert with_error(None, 0.1) == "–"
