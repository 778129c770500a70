import pytest
import torch

from tests.conftest import unit_rows
from torque_core.errors import MissingDependency
from torque_core.utils import nearest
from torque_core.utils.nearest import NearestRows


def without_faiss(module, *, extra):
    raise MissingDependency(f"{module} is not installed; install torque-core[{extra}]")


@pytest.fixture(params=["faiss", "torch"])
def backend(request, monkeypatch):
    if request.param == "torch":
        monkeypatch.setattr(nearest, "require", without_faiss)


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("count", [1, 3, 50])
def test_exact_search_equals_sorting_all_products(monkeypatch, count):
    monkeypatch.setattr(nearest, "_BLOCK_ELEMENTS", 200)
    generator = torch.Generator().manual_seed(0)
    rows, queries = (torch.randn(size, 5, generator=generator) for size in (50, 17))
    expected = [
        sorted(range(50), key=lambda row: -float(query.double() @ rows[row].double()))[:count] for query in queries
    ]
    assert NearestRows(rows).search(queries, count).tolist() == expected


@pytest.mark.usefixtures("backend")
def test_no_queries():
    assert NearestRows(torch.eye(3)).search(torch.empty(0, 3), 2).shape == (0, 2)


def test_inverted_file_finds_most_of_the_nearest_rows(monkeypatch):
    generator = torch.Generator().manual_seed(0)
    centres = torch.randn(30, 16, generator=generator)
    rows = unit_rows(centres.repeat_interleave(40, dim=0) + 0.3 * torch.randn(1_200, 16, generator=generator))
    exact = NearestRows(rows).search(rows, 5)
    monkeypatch.setattr(nearest, "_EXACT_UP_TO", 100)
    approximate = NearestRows(rows).search(rows, 5)
    assert float((approximate == exact).float().mean()) > 0.8


def test_many_rows_are_searched_without_faiss(monkeypatch):
    monkeypatch.setattr(nearest, "require", without_faiss)
    monkeypatch.setattr(nearest, "_EXACT_UP_TO", 100)
    rows = torch.randn(300, 4, generator=torch.Generator().manual_seed(0))
    expected = (rows @ rows.T).argsort(dim=1, descending=True)[:, :3]
    assert torch.equal(NearestRows(rows).search(rows, 3), expected)
