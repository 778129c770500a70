import pytest
import torch

from tests.conftest import PATH
from torque_core.diagnostics import dirichlet_energy, spectral_gap, structure
from torque_core.diagnostics.before_after import BeforeAfter, MeasureChange, changes

Y = torch.tensor([0, 0, 1, 1])
BEFORE, AFTER = structure(PATH, 4, Y), structure(PATH[:, [0, 2]], 4, Y)  # 1 - 2 joins the two classes


def by_measure(rows):
    return {row.measure: row for row in rows}


def test_by_hand():
    measures = {
        name: (row.before, row.after, row.difference, row.unit)
        for name, row in by_measure(changes(BEFORE, AFTER)).items()
    }
    assert measures.pop("node homophily") == (75.0, 100.0, 25.0, "%")  # 1, 1/2, 1/2 and 1
    # a node of either class has (2/3 - 1/2) / (1 - 1/2) before
    assert measures.pop("adjusted homophily") == pytest.approx((1 / 3, 1.0, 2 / 3, ""))
    assert measures.pop("edge homophily") == pytest.approx((200 / 3, 100.0, 100 / 3, "%"))
    assert measures.pop("label informativeness")[1:] == (1.0, pytest.approx(1 - BEFORE.label_informativeness), "")
    assert measures == {
        "edges": (3, 2, -1, ""),
        "mean degree": (1.5, 1.0, -0.5, ""),
        "isolated nodes": (0, 0, 0, ""),
        "connected components": (1, 2, 1, ""),
    }


def test_counts_are_integers():
    rows = by_measure(changes(BEFORE, AFTER))
    for name in ("edges", "isolated nodes", "connected components"):
        assert {type(rows[name].before), type(rows[name].after), type(rows[name].difference)} == {int}


def test_measures_of_labels_are_undefined_without_labels():
    rows = by_measure(changes(structure(PATH, 4), AFTER))
    assert (rows["edge homophily"].before, rows["edge homophily"].difference) == (None, None)
    assert rows["edge homophily"].after == 100.0
    assert rows["edges"].difference == -1


def test_costly_measures_have_a_row_if_provided():
    x = torch.tensor([[1.0], [0.0], [0.0], [1.0]])
    gap = BeforeAfter(spectral_gap(PATH, 4), None)
    energy = BeforeAfter(dirichlet_energy(x, PATH), dirichlet_energy(x, PATH[:, [0, 2]]))
    names = [row.measure for row in changes(BEFORE, AFTER)]
    rows = changes(BEFORE, AFTER, spectral_gap=gap, dirichlet_energy=energy)
    assert [row.measure for row in rows] == [*names, "spectral gap", "Dirichlet energy"]
    assert rows[-2].before == pytest.approx(0.5)  # of the path of four: 1 - cos(pi / 3)
    assert rows[-2].difference is None
    # ends of degree 1 and 2: a half each; cut, both ends have degree 1: a half each as well
    assert (rows[-1].before, rows[-1].after) == pytest.approx((1.0, 1.0))


def test_every_measure_is_explained_in_one_sentence():
    both = BeforeAfter(0.0, 0.0)
    for row in changes(BEFORE, AFTER, spectral_gap=both, dirichlet_energy=both):
        assert isinstance(row, MeasureChange)
        assert row.meaning.endswith(".")
        assert row.meaning.count(". ") == 0
        assert row.meaning[0].isupper()
