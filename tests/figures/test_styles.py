from tests.figures.conftest import GROUPS
from tests.figures.test_palette import contrast
from torque_core.figures.styles import method_styles


def test_groups_share_a_colour_and_no_two_methods_share_a_style(theme):
    groups = (
        GROUPS
        | {"unheard of": "other"}
        | {f"peer {i}": "peer" for i in range(7)}
        | {f"control {i}": "control" for i in range(3)}
    )
    styles = method_styles(groups, theme)
    assert len({(style.colour, style.dash) for style in styles.values()}) == len(groups)
    assert len({(style.dash, style.symbol, style.colour) for style in styles.values()}) == len(groups)
    for group, colour in (("backbone", theme.text), ("rewiring", theme.added), ("control", theme.kept)):
        assert {style.colour for name, style in styles.items() if groups[name] == group} == {colour}
    assert styles["random"].dash != "solid"
    assert styles["torque"].width > styles["plain"].width


def test_unknown_groups_are_drawn_as_peers(theme):
    assert method_styles({"new": "other"}, theme)["new"] == method_styles({"new": "peer"}, theme)["new"]


def test_lines_of_backbones_torque_and_controls_contrast_with_the_page(theme, styles):
    for name in ("plain", "torque", "random"):
        assert contrast(styles[name].colour, theme.background) >= 3
