from collections import Counter

import pytest
import torch

from torque_core.datasets import load
from torque_core.diagnostics.fates import EdgeFates, edge_fates
from torque_core.figures.fates import fate_figure
from torque_core.figures.palette import INJECTED, LIGHT, PRUNED
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec

KEPT, PRUNED_, ADDED, GONE, NOT_YET = range(5)


@pytest.fixture
def fates():
    """Four input edges, the last two injected and pruned in layers 1 and 2; a fifth edge is added in layer 2."""
    return EdgeFates(
        pairs=torch.tensor([[0, 0, 1, 2, 3], [1, 2, 2, 3, 4]]),
        fates=torch.tensor([[KEPT, KEPT, KEPT, PRUNED_, NOT_YET], [KEPT, KEPT, PRUNED_, GONE, ADDED]]),
        origin=torch.tensor([True, True, True, True, False]),
        injected=torch.tensor([False, False, True, True, False]),
    )


def flows(drawing):
    """How many edges go from which bar to which, injected or not."""
    (sankey,) = drawing.figure.data
    names, link = sankey.node.customdata, sankey.link
    return Counter(
        {
            (names[a], names[b], kind): n
            for a, b, kind, n in zip(link.source, link.target, link.customdata, link.value, strict=True)
        }
    )


def test_flows_by_hand(fates, theme):
    assert flows(fate_figure(fates, theme)) == {
        ("original, before", "kept, layer 1", "not injected"): 2,
        ("injected, before", "kept, layer 1", "injected by the noise"): 1,
        ("injected, before", "pruned, layer 1", "injected by the noise"): 1,
        ("not yet, before", "not yet, layer 1", "not injected"): 1,
        ("kept, layer 1", "kept, layer 2", "not injected"): 2,
        ("kept, layer 1", "pruned, layer 2", "injected by the noise"): 1,
        ("pruned, layer 1", "gone, layer 2", "injected by the noise"): 1,
        ("not yet, layer 1", "added, layer 2", "not injected"): 1,
    }


def test_bars_are_named_counted_and_coloured(fates, theme):
    node = fate_figure(fates, theme).figure.data[0].node
    assert node.label == (
        *("original 2", "injected 2", "not yet 1"),
        *("kept 3", "pruned 1", "not yet 1"),
        *("kept 2", "pruned 1", "added 1", "gone 1"),
    )
    assert node.color[:5] == (theme.kept, INJECTED, theme.background, theme.kept, PRUNED)
    assert node.x == pytest.approx([0.001] * 3 + [0.5] * 3 + [0.999] * 4)
    for column in (slice(0, 3), slice(3, 6), slice(6, 10)):
        assert list(node.y[column]) == sorted(node.y[column])


def test_flows_of_injected_edges_are_purple(fates):
    link = fate_figure(fates, LIGHT).figure.data[0].link
    purple = {colour for colour, kind in zip(link.color, link.customdata, strict=True) if kind[0] == "i"}
    others = {colour for colour, kind in zip(link.color, link.customdata, strict=True) if kind[0] == "n"}
    assert purple == {"rgba(204, 121, 167, 0.75)"}
    assert not purple & others


@pytest.mark.parametrize("hierarchy", ["independent", "nested"])
@pytest.mark.parametrize("layers", [1, 3, 6, 12])
def test_every_edge_is_in_every_column(hierarchy, layers):
    followed = edge_fates(rewire(load("karate").data, RewireSpec(cut="fixed", layers=layers, hierarchy=hierarchy)))
    drawing = fate_figure(followed, LIGHT)
    total = sum(flows(drawing).values())
    assert total == layers * followed.pairs.size(1)
    headings = [note.text for note in drawing.figure.layout.annotations]
    assert len(headings) == layers + 1
    assert headings[-1] == ("<b>12</b>" if layers == 12 else f"<b>layer {layers}</b>")


@pytest.mark.parametrize(("layers", "first", "last"), [(3, "kept 70", "gone"), (6, "kept", "gone"), (12, "", "gone")])
def test_labels_are_shorter_with_more_columns(layers, first, last):
    followed = edge_fates(rewire(load("karate").data, RewireSpec(cut="fixed", layers=layers)))
    labels = fate_figure(followed, LIGHT).figure.data[0].node.label
    assert labels[2] == first
    assert labels[-1].startswith(last)


def test_alt_text(fates, theme):
    assert fate_figure(fates, theme).alt == (
        "Fates of 5 edges, 4 of them in the input graph, 2 injected by the noise. Layer 1: 3 kept, 1 pruned, 1 not "
        "yet; 1 of the pruned edges injected. Layer 2: 2 kept, 1 pruned, 1 added, 1 gone; 1 of the pruned edges "
        "injected."
    )


def test_a_graph_without_edges(theme):
    none = torch.zeros(0, dtype=torch.bool)
    nothing = EdgeFates(torch.zeros(2, 0, dtype=torch.long), torch.zeros(2, 0, dtype=torch.long), none, none)
    drawing = fate_figure(nothing, theme)
    assert not drawing.figure.data[0].node.label
    assert drawing.alt.startswith("Fates of 0 edges")
