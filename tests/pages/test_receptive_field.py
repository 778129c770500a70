"""Receptive field: the cut set by hand, and a film that would be too large."""

import pytest
import torch

from pages.shared.core import queries
from tests.pages.test_app import app, settled
from torque_core import DatasetSpec, Noise, RewireSpec
from torque_core.diagnostics import receptive_field
from torque_core.diagnostics.walk_influence import walk_influence


def test_a_cut_by_hand_applies_to_the_last_of_the_layers():
    page = settled(
        app(data="karate", layer="2", node="3", threshold="0.3").switch_page("pages/receptive_field.py").run()
    )
    source = (DatasetSpec("karate"), Noise("insert", 0.5), RewireSpec(layers=2), "cpu")
    first, last = queries.rewiring(*source).layers
    last = last.recut(0.3, additions=0.25)
    field = receptive_field(3, [first.rewired, last.rewired], 34)
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Receptive field after"] == str(len(field.nodes) - 1)
    graphs = [first, last]
    influence = walk_influence([one.edge_index for one in graphs], [one.edge_weight for one in graphs], 3, 34)
    before, after = queries.relation_influences(*source, 3, 2, 0.3)
    torch.testing.assert_close(after.value.sum(dim=0), influence)
    noisy = queries.noisy(*source[:2]).data.edge_index
    torch.testing.assert_close(before.value.sum(dim=0), walk_influence([noisy] * 2, [None] * 2, 3, 34))
    old, new = ([f"{100 * share:.1f}" for share in part.value.sum(dim=1).tolist()] for part in (before, after))
    described = "; ".join(
        f"{name} {a} to {b}" for name, a, b in zip(("itself", "kept", "pruned", "added"), old, new, strict=True)
    )
    assert any(f"Influence on the node by relation, before to after, in percent: {described}." in str(chart.proto)
               for chart in page.get("plotly_chart"))  # fmt: skip


def test_a_film_that_is_too_large_is_replaced_by_a_message(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pages.shared.views.film.MAX_FILM_MESSAGES", 10)
    page = settled(app(data="karate").switch_page("pages/receptive_field.py").run())
    assert any("the film shows at most 10" in info.value for info in page.info)
