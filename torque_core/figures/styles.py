"""How methods are drawn, the same in every figure of a study, and never told apart by colour alone."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from torque_core.figures.palette import Theme

__all__ = ["Style", "method_styles"]

_DASHES = ("solid", "dash", "dashdot", "longdash", "longdashdot")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "star", "triangle-down", "hexagon", "pentagon")
_OPEN = tuple(f"{symbol}-open" for symbol in _SYMBOLS)
_CROSSES = ("x-thin-open", "cross-thin-open", "asterisk-open", "hash-open")
# of Okabe and Ito and of Tol, as in the palette; the blue and the greys of the other groups are not among them
_PEER_COLOURS = ("#E69F00", "#AA4499", "#009E73", "#56B4E9", "#999933", "#44AA99")


@dataclass(frozen=True)
class Style:
    """How a method is drawn: the colour says the group, dash and marker say which of the group."""

    colour: str
    dash: str
    symbol: str
    width: float


def method_styles(groups: Mapping[str, str], theme: Theme) -> dict[str, Style]:
    """One style for each method. Give all methods of a study, so that a selection does not change a method's style.

    Args:
        groups: The group of each method, in the order of the legend: ``backbone``, ``rewiring``, ``control``; those of
            any other are drawn as peers, each in a colour of its own.
        theme: Light or dark.

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
        at = members[family]
        members[family] += 1
        round_, own = divmod(at, len(_PEER_COLOURS))
        peer = (_PEER_COLOURS[own], (_DASHES[round_ % len(_DASHES)],), _SYMBOLS, 2.0)
        colour, dashes, symbols, width = families.get(family, peer)
        styles[name] = Style(colour, dashes[at % len(dashes)], symbols[at % len(symbols)], width)
    return styles
