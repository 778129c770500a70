"""Names that Markdown, HTML, Plotly, a spreadsheet or a terminal would take for more than text."""

HOST = "stranger.test"
"""Nothing may be fetched from there, and no link may lead there."""
NAMES = (
    f"![](http://{HOST}/v)",
    f"[go](//{HOST})",
    f"<img src=//{HOST}/v>",
    f"<a href='http://{HOST}/'>a</a>",
    f"https://{HOST}/x?a=1&b=2",
    f"www.{HOST}",
    f"me@{HOST}",
    "$x^2$ and $$y$$",
    ":smile: :material/home: :streamlit:",
    ":red[loud] :blue-badge[b]",
    "`code` **bold** ~~no~~ _it_",
    "# a | b",
    "1. one -> two -- three",
    "&lt;b&gt; &copy;",
    "%{x} {name}",
    "\u202edesrever",
    "=1+1",
)
"""Names of nodes, each of which must be shown letter by letter."""
LINES = "first\n\n    # second\n- third"
"""A name of several lines, which can come from a link or a file of JSON."""


def link(part: int) -> dict[str, str]:
    """Settings of a link with hostile values, and one with a hostile key; as many as a page reports."""
    keys = ["study", "rate", "lever", "data"] if part % 2 else ["methods", "noise", "view", "picked"]
    return {key: NAMES[(4 * part + place) % len(NAMES)] for place, key in enumerate(keys)} | {NAMES[part]: LINES}


def files() -> dict[str, bytes]:
    """A graph with hostile names of files, nodes, classes and columns."""
    ends = "".join(f"n{i},n{(i + step) % len(NAMES)}\n" for i in range(len(NAMES)) for step in (1, 2))
    quoted = ['"' + name.replace('"', '""') + '"' for name in NAMES]
    rows = "".join(
        f"n{i},{name},{quoted[i % 2 * 7]},{i % 3}\n" for i, name in enumerate(quoted)
    )  # two classes: an image and a formula
    return {
        f":red[e] ![](www.{HOST}) $x$.csv": f"source,target\n{ends}".encode(),
        "<b>n.csv": f"id,name,class,![](//{HOST}/c)\n{rows}".encode(),
    }
