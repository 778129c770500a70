from itertools import combinations

import pytest

from torque_core.figures.palette import (
    ADDED,
    CLASS_COLOURS,
    CLASS_SHAPES,
    DARK,
    INJECTED,
    LIGHT,
    PRUNED,
    class_colour,
)


def luminance(colour):
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first, second):
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_by_hand():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)


def test_edge_colours_contrast_with_the_page(theme):
    for colour in (theme.kept, theme.added, PRUNED, INJECTED):
        assert contrast(colour, theme.background) >= 3, colour


def test_text_and_node_outlines_contrast_with_the_page(theme):
    assert contrast(theme.text, theme.background) >= 4.5
    assert contrast(theme.outline, theme.background) >= 3  # some class colours do not: the outline shows the node


def test_every_meaning_has_a_different_colour(theme):
    edges = (theme.kept, theme.added, PRUNED, INJECTED)
    for first, second in combinations((*edges, *CLASS_COLOURS, class_colour(-1)), 2):
        assert first.upper() != second.upper()


def test_added_is_blue_in_both_themes():
    assert LIGHT.added == ADDED
    for theme in (LIGHT, DARK):
        red, green, blue = (int(theme.added[at : at + 2], 16) for at in (1, 3, 5))
        assert blue > green > red


def test_class_colours():
    assert [class_colour(label) for label in range(8)] == list(CLASS_COLOURS)
    assert class_colour(8) == class_colour(0)
    assert class_colour(-1) == class_colour(-7)
    assert class_colour(-1) not in CLASS_COLOURS
    assert len(CLASS_SHAPES) == len(CLASS_COLOURS)
