from tests.figures.conftest import GROUPS
from tests.figures.test_palette import contrast
from torque_core.figures.styles import method_styles


def test_methods_of_one_group_share_a_colour_and_no_two_methods_look_alike(theme):
    groups = (
        GROUPS
        | {"unheard of": "other"}
        | {f"peer {i}": "peer" for i in range(7)}
        | {f"control {i}": "control" for i in range(3)}
    )
    drawn = method_styles(groups, theme)
    assert len({(style.colour, style.dash) for style in drawn.values()}) == len(groups)
    assert len({(style.dash, style.symbol, style.colour) for style in drawn.values()}) == len(groups)
    for group, colour in (("backbone", theme.text), ("rewiring", theme.added), ("control", theme.kept)):
        assert {style.colour for name, style in drawn.items() if groups[name] == group} == {colour}
    assert drawn["random"].dash != "solid"
    assert drawn["torque"].width > drawn["plain"].width


def test_what_has_no_group_of_its_own_is_a_peer(theme):
    assert method_styles({"new": "other"}, theme)["new"] == method_styles({"new": "peer"}, theme)["new"]


def test_lines_of_backbones_torque_and_controls_stand_out_from_the_page(theme, styles):
    for name in ("plain", "torque", "random"):
        assert contrast(styles[name].colour, theme.background) >= 3
