import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import torch

from torque_core.figures import LIGHT, Link, network_html
from torque_core.figures.palette import CLASS_COLOURS, CLASS_SHAPES, PRUNED, class_colour

POSITION = np.array([[0.0, 0.0], [1.0, 0.5], [0.25, 1.0], [0.5, 0.5]])
Y = torch.tensor([0, 1, -1, 9])
LINKS = [
    Link(0, 1, "kept", False, "kept"),
    Link(1, 2, "pruned", True, "pruned and injected"),
    Link(0, 2, "added", False, "added"),
]


class Tags(HTMLParser):
    """Every tag of a page with its attributes; comments and the text of scripts are none."""

    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def page_of(theme=LIGHT, nodes=(0, 1, 2), links=LINKS, **options):
    return network_html(nodes, links, POSITION, Y, theme, **options)


def data_of(page):
    """The nodes and the edges that the page gives to vis-network."""
    return [json.loads(text) for text in re.findall(r"new vis\.DataSet\((\[.*\])\);", page)]


def test_nothing_is_loaded_from_anywhere(theme):
    page = page_of(theme)
    for tag, attributes in Tags(page).tags:
        assert tag not in ("link", "iframe", "img", "object", "embed", "base")
        assert not {"src", "href", "srcset", "data", "action"} & attributes.keys()
    assert all(address.startswith("data:") for address in re.findall(r"url\(\s*[\"']?([^\"')]*)", page))
    assert "@import" not in page
    assert "vis.Network(container" in page


def test_fates_and_injected_edges(theme):
    _, (kept, pruned, added) = data_of(page_of(theme))
    assert [edge["color"]["color"] for edge in (kept, pruned, added)] == [theme.kept, PRUNED, theme.added]
    assert [edge["dashes"] for edge in (kept, pruned, added)] == [False, [7, 5], False]
    assert added["width"] > pruned["width"] > kept["width"]
    assert [(edge["from"], edge["to"], edge["title"]) for edge in (kept, pruned, added)] == [
        (0, 1, "kept"),
        (1, 2, "pruned and injected"),
        (0, 2, "added"),
    ]
    assert pruned["arrows"]["middle"]["type"] == "diamond"
    assert "arrows" not in kept
    assert "arrows" not in added


def test_positions_are_fixed_and_point_upwards():
    page = page_of(nodes=[2, 0])
    nodes, _ = data_of(page)
    assert [(node["id"], node["x"], node["y"]) for node in nodes] == [(2, 225, -900), (0, 0, 0)]
    assert '"physics": {"enabled": false}' in page


def test_nodes_show_their_class_and_name(theme):
    nodes, _ = data_of(page_of(theme, nodes=[0, 1, 2, 3], names=["Ann", "Bob", "Cy", "Di"]))
    assert [node["label"] for node in nodes] == ["Ann", "Bob", "Cy", "Di"]
    assert [node["title"] for node in nodes] == ["Ann: class 0", "Bob: class 1", "Cy: class unknown", "Di: class 9"]
    colours = [CLASS_COLOURS[0], CLASS_COLOURS[1], class_colour(-1), CLASS_COLOURS[1]]
    assert [node["color"]["background"] for node in nodes] == colours
    assert [node["shape"] for node in nodes] == [CLASS_SHAPES[0], CLASS_SHAPES[1], "dot", CLASS_SHAPES[1]]
    unnamed, _ = data_of(page_of(theme, nodes=[1]))
    assert (unnamed[0]["label"], unnamed[0]["title"]) == ("1", "1: class 1")


def test_the_focus_is_larger_and_outlined(theme):
    first, focus, _ = data_of(page_of(theme, focus=1))[0]
    assert focus["size"] > first["size"]
    assert focus["borderWidth"] > first["borderWidth"]
    assert (focus["color"]["border"], first["color"]["border"]) == (theme.text, theme.outline)


def test_the_page_has_the_theme_and_the_height(theme):
    page = page_of(theme, height=321)
    assert f"body{{margin:0;background:{theme.background}}}" in page
    assert "321px" in page


def test_no_links_and_no_nodes():
    assert data_of(page_of(nodes=[], links=[])) == [[], []]


@pytest.mark.parametrize(
    "name",
    [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "\"'); alert(1); ('\"",
        '\\"; alert(1); //',
        "line\nbreak \u2028 and \u2029",
        "{{ 7 * 7 }}{% raw %}",
        "</head><b>& &lt;",
    ],
)
def test_names_cannot_break_out_of_the_page(name):
    harmless = page_of(links=[Link(0, 1, "kept", False, "t")], names=["a", "b", "c"])
    page = page_of(links=[Link(0, 1, "kept", False, name)], names=["a", name, "c"])
    assert Tags(page).tags == Tags(harmless).tags
    assert page.count("<") == harmless.count("<")
    assert len(page.splitlines()) == len(harmless.splitlines())
    nodes, (edge,) = data_of(page)
    assert (nodes[1]["label"], nodes[1]["title"], edge["title"]) == (name, f"{name}: class 1", name)


def test_titles_are_shown_as_text():
    # vis-network's pop-up; were it innerHTML, a title could bring markup of its own
    assert "this.frame.innerText=t" in page_of()
    assert "this.frame.innerHTML" not in page_of()
