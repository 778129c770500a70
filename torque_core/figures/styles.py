"""Line and marker styles of methods, consistent across figures and never distinguished by colour alone."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from torque_core.figures.palette import Theme

__all__ = ["Style", "method_styles"]

_DASHES = ("solid", "dash", "dashdot", "longdash", "longdashdot")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "star", "triangle-down", "hexagon", "pentagon")
_OPEN = tuple(f"{symbol}-open" for symbol in _SYMBOLS)
_CROSSES = ("x-thin-open", "cross-thin-open", "asterisk-open", "hash-open")
# colours of Okabe and Ito and of Tol, as in the palette, without the blue and the greys of the other groups
_PEER_COLOURS = ("#E69F00", "#AA4499", "#009E73", "#56B4E9", "#999933", "#44AA99")


@dataclass(frozen=True)
class Style:
    """Style of a method: the colour identifies its group, dash and marker the method within the group."""

    colour: str
    dash: str
    symbol: str
    width: float


def method_styles(groups: Mapping[str, str], theme: Theme) -> dict[str, Style]:
    """Assign a style to each method.

    Pass all methods of a study, so that the style of a method does not depend on the current selection.

    Args:
        groups: Group of each method, in the order of the legend: ``backbone``, ``rewiring`` or ``control``; methods of
            any other group are drawn as peers, each in a different colour.
        theme: Light or dark theme.

    Example:
        >>> from torque_core.figures import LIGHT
        >>> method_styles({"plain": "backbone", "torque": "rewiring"}, LIGHT)["torque"]
        Style(colour='#0072B2', dash='solid', symbol='circle', width=3.0)
    """
    families = {
        "backbone": (theme.text, ("dot", *_DASHES[1:]), _OPEN, 2.0),
        "rewiring": (theme.added, _DASHES, _SYMBOLS, 3.0),
        "control": (theme.kept, _DASHES[1:], _CROSSES, 2.0),
    }
    styles: dict[str, Style] = {}
    members: Counter[str] = Counter()
    for name, group in groups.items():
        family = group if group in families else "peer"
        index = members[family]
        members[family] += 1
        repetition, colour_index = divmod(index, len(_PEER_COLOURS))
        peer = (_PEER_COLOURS[colour_index], (_DASHES[repetition % len(_DASHES)],), _SYMBOLS, 2.0)
        colour, dashes, symbols, width = families.get(family, peer)
        styles[name] = Style(colour, dashes[index % len(dashes)], symbols[index % len(symbols)], width)
    return styles
