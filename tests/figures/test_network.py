import base64
import json
import re
import time
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import torch

from torque_core.datasets.attributes import GraphAttributes
from torque_core.diagnostics.fates import FATES
from torque_core.figures import LIGHT, NetworkEdges, network_data, network_html
from torque_core.figures.palette import CLASS_COLOURS, CLASS_SHAPES, PRUNED, class_colour
from torque_core.scoring.torque import Torque

POSITION = np.array([[0.0, 0.0], [1.0, 0.5], [0.25, 1.0], [0.5, 0.5]])
Y = torch.tensor([0, 1, -1, 9])
TORQUE = Torque(torch.tensor([0.5, torch.nan, 0.25]), torch.tensor([0.5, torch.nan, 1.0]))
EDGES = NetworkEdges(
    torch.tensor([[0, 1, 0], [1, 2, 2]]),
    torch.tensor([0, 1, 2], dtype=torch.uint8),
    torch.tensor([False, True, False]),
    TORQUE,
)
NONE = EDGES[torch.tensor([], dtype=torch.long)]


class Tags(HTMLParser):
    """Every tag of a page with its attributes; comments and the text of scripts are none."""

    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def data_of(theme=LIGHT, nodes=(0, 1, 2), edges=EDGES, **options):
    return network_data(nodes, edges, POSITION, Y, theme, **options)


def page_of(theme=LIGHT, nodes=(0, 1, 2), edges=EDGES, **options):
    return network_html(nodes, edges, POSITION, Y, theme, **options)


def column(text, kind):
    return np.frombuffer(base64.b64decode(text), kind).tolist()


def test_columns_of_the_nodes():
    nodes = data_of(nodes=[2, 0], focus=0)["nodes"]
    assert column(nodes["id"], "<i4") == [2, 0]
    assert column(nodes["x"], "<f4") == [0.25, 0]
    assert column(nodes["y"], "<f4") == [1, 0]
    assert column(nodes["label"], "<i4") == [-1, 0]
    assert (nodes["name"], nodes["focus"]) == (None, 0)
    assert data_of(nodes=[2, 0], names=["Ann", "Bob", "Cy", "Di"])["nodes"]["name"] == ["Cy", "Ann"]


def test_classes_have_their_names():
    style = data_of(nodes=[2, 0], classes=["</script>", "b"])["style"]
    names = {label: class_style["name"] for label, class_style in style["classes"].items()}
    assert names == {"-1": "unknown", "0": "</script>"}


def test_columns_of_the_edges():
    edges = data_of()["edges"]
    assert column(edges["source"], "<i4") == [0, 1, 0]
    assert column(edges["target"], "<i4") == [1, 2, 2]
    assert column(edges["fate"], "u1") == [0, 1, 2]
    assert column(edges["injected"], "u1") == [0, 1, 0]
    assert edges["direction"] is None
    directed = replace(EDGES, direction=torch.tensor([1, 2, 3], dtype=torch.uint8))
    assert column(data_of(edges=directed)["edges"]["direction"], "u1") == [1, 2, 3]
    numbers = {name: column(values, "<f4") for name, values in edges["numbers"].items()}
    assert list(numbers) == ["torque", "lever arm", "force"]
    assert numbers["torque"] == pytest.approx([0.25, float("nan"), 0.25], nan_ok=True)
    assert numbers["lever arm"] == pytest.approx([0.5, float("nan"), 0.25], nan_ok=True)


def test_fates_differ_by_more_than_colour(theme):
    fates = data_of(theme)["style"]["fates"]
    assert tuple(fate["name"] for fate in fates) == FATES[:3]
    assert [fate["color"] for fate in fates] == [theme.kept, PRUNED, theme.added]
    assert [fate["dashes"] for fate in fates] == [False, [7, 5], False]
    kept, pruned, added = (fate["width"] for fate in fates)
    assert added > pruned > kept


def test_classes_have_a_colour_and_a_shape(theme):
    style = data_of(theme, nodes=[0, 1, 2, 3])["style"]
    assert style["classes"] == {
        "-1": {"name": "unknown", "color": class_colour(-1), "shape": "dot"},
        "0": {"name": "0", "color": CLASS_COLOURS[0], "shape": CLASS_SHAPES[0]},
        "1": {"name": "1", "color": CLASS_COLOURS[1], "shape": CLASS_SHAPES[1]},
        "9": {"name": "9", "color": CLASS_COLOURS[1], "shape": CLASS_SHAPES[1]},
    }
    assert (style["background"], style["text"], style["outline"]) == (theme.background, theme.text, theme.outline)


def test_no_edges_and_no_nodes():
    data = data_of(nodes=[], edges=NONE)
    assert data["nodes"]["id"] == data["edges"]["source"] == data["edges"]["numbers"]["torque"] == ""
    assert data["style"]["classes"] == {}


def test_tensors_with_gradients_and_node_tensors_are_accepted():
    lever = torch.ones(3, requires_grad=True)
    edges = NetworkEdges(EDGES.pairs, EDGES.fate, EDGES.injected, Torque(lever, torch.ones(3)))
    data = data_of(nodes=torch.arange(3), edges=edges)
    assert column(data["edges"]["numbers"]["torque"], "<f4") == [1, 1, 1]
    assert data["nodes"] == data_of()["nodes"]


def test_a_network_of_ten_thousand_edges_is_encoded_quickly():
    nodes, edges = 2_708, 10_000
    pairs = torch.randint(nodes, (2, edges))
    value = torch.rand(edges)
    many = NetworkEdges(pairs, torch.randint(3, (edges,)), torch.rand(edges) < 0.5, Torque(value, value))
    position, y = np.random.default_rng(0).random((nodes, 2)), torch.randint(7, (nodes,))

    def once():
        begun = time.process_time()
        text = json.dumps(network_data(range(nodes), many, position, y, LIGHT))
        return time.process_time() - begun, len(text)

    seconds, size = min(once() for _ in range(5))
    assert seconds < 0.1
    assert size < 400_000


def test_the_page_loads_no_external_resources(theme):
    page = page_of(theme)
    for tag, attributes in Tags(page).tags:
        assert tag not in ("link", "iframe", "img", "object", "embed", "base")
        assert not {"src", "href", "srcset", "data", "action"} & attributes.keys()
    assert all(address.startswith("data:") for address in re.findall(r"url\(\s*[\"']?([^\"')]*)", page))
    assert "@import" not in page
    assert not re.search(r"^\s*import\b", page, re.MULTILINE)
    assert "new vis.Network(" in page


def page_data(page):
    """What the page gives to its script."""
    return json.loads(re.search(r"^draw\(document\.body, (.*)\);$", page, re.MULTILINE)[1])


def test_the_page_has_the_data_the_height_and_a_title(theme):
    page = page_of(theme, focus=1, height=321, alt="Rings <of> 1 & 2")
    assert page_data(page) == {"network": data_of(theme, focus=1), "height": 321, "alt": "Rings <of> 1 & 2"}
    assert "<title>Rings &lt;of&gt; 1 &amp; 2</title>" in page


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
def test_names_cannot_inject_markup(name):
    harmless = page_of(names=["a", "b", "c"])
    page = page_of(names=["a", name, "c"])
    assert Tags(page).tags == Tags(harmless).tags
    assert page.count("<") == harmless.count("<")
    assert len(page.splitlines()) == len(harmless.splitlines())
    assert page_data(page)["network"]["nodes"]["name"] == ["a", name, "c"]


def test_names_are_shown_as_text():
    script = page_of().rpartition("Draws networks with vis-network")[2]  # ours, after the bundle
    assert script.count("innerHTML") == 1  # the frame, which holds nothing from outside
    assert "tip.textContent = " in script


def test_attributes_are_shown_on_hover():
    attributes = GraphAttributes(
        {"age": [31.0, None, 28.0, 5.0]}, {"since": [1999.0, 2004.0]}, torch.tensor([[0, 1], [1, 2]])
    )
    data = data_of(nodes=[2, 0], attributes=attributes)
    assert data["nodes"]["about"] == ["age: 28", "age: 31"]
    assert data["edges"]["about"] == ["since: 1999", "since: 2004", ""]
    assert data_of()["nodes"]["about"] is None
