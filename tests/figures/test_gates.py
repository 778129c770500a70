import torch

from torque_core.diagnostics import RelationGates
from torque_core.figures import LIGHT, gates_figure

# two relations, two layers, three classes, of which the last has no nodes
GATE = torch.tensor([[[1.0, 1.0, torch.nan]] * 2, [[0.25, 0.5, torch.nan], [-0.5, 0.0, torch.nan]]])
PRUNED = torch.tensor([[0.25, 0.5, torch.nan], [0.1, 0.0, torch.nan]])
GATES = RelationGates(("kept", "pruned_back"), GATE, torch.stack([1 - PRUNED, PRUNED]))


def test_rows_are_relations_in_layers(theme):
    (cells,) = gates_figure(GATES, theme, names=["art", "law", "tax"]).figure.data
    pruned = "pruned edges, against their direction"
    assert list(cells.y) == ["kept edges, layer 1", "kept edges, layer 2", f"{pruned}, layer 1", f"{pruned}, layer 2"]
    assert list(cells.x) == ["art", "law", "tax"]
    assert [[round(float(value)) for value in row[:2]] for row in cells.z] == [[75, 50], [90, 100], [25, 50], [10, 0]]
    assert [row[1] for row in cells.customdata.tolist()] == [1.0, 1.0, 0.5, 0.0]


def test_alt_text_ignores_classes_without_nodes():
    assert gates_figure(GATES, LIGHT).alt == (
        "Fraction of the messages by relation and layer, lowest to highest class: kept edges, layer 1: 50 to 75 %; "
        "kept edges, layer 2: 90 to 100 %; pruned edges, against their direction, layer 1: 25 to 50 %; "
        "pruned edges, against their direction, layer 2: 0 to 10 %."
    )


def test_texts_are_legible_on_every_cell(theme):
    def luminance(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    (cells,) = gates_figure(GATES, theme).figure.data
    text = luminance(cells.textfont.color)
    for _, colour in cells.colorscale:
        low, high = sorted((text, luminance(colour)))
        assert (high + 0.05) / (low + 0.05) >= 4.5


def test_texts_are_shown_only_if_they_fit():
    def text(classes):
        part = torch.full((2, 1, classes), 0.5)
        return gates_figure(RelationGates(("kept", "self"), part, part), LIGHT).figure.data[0].texttemplate

    assert (text(12), text(13)) == ("%{z:.0f} %", None)
