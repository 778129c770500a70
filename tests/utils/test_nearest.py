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


def slow_inverted_file(rows, queries, count):
    """The search by faiss itself, in cells with the same centroids."""
    faiss = pytest.importorskip("faiss")
    centroids = nearest._centroids(faiss, rows).numpy()
    exact = faiss.IndexFlatIP(rows.size(1))
    index = faiss.IndexIVFFlat(exact, rows.size(1), len(centroids), faiss.METRIC_INNER_PRODUCT)
    index.nprobe = nearest._PROBED
    exact.add(centroids)
    index.is_trained = True
    index.add(rows.numpy())
    similarity, found = index.search(queries.numpy(), count)
    return torch.from_numpy(similarity), torch.from_numpy(found)


@pytest.mark.parametrize("case", ["rows are queries", "other queries", "many cells are empty", "blocks of few"])
def test_cells_are_searched_as_faiss_does(monkeypatch, case):
    monkeypatch.setattr(nearest, "_EXACT_UP_TO", 100)
    if case == "blocks of few":
        monkeypatch.setattr(nearest, "_CELL_ELEMENTS", 100)
    generator = torch.Generator().manual_seed(0)
    rows = unit_rows(torch.randn(700, 8, generator=generator))
    if case == "many cells are empty":  # ten different rows in 74 cells
        rows = rows[torch.arange(700) % 10]
    queries = unit_rows(torch.randn(150, 8, generator=generator)) if case == "other queries" else rows
    result = NearestRows(rows).search(queries, 9)
    similarity, expected = slow_inverted_file(rows, queries, 9)
    assert torch.equal(result < 0, expected < 0)
    products = torch.where(result >= 0, (queries[:, None] * rows[result]).sum(dim=2), -torch.inf)
    assert torch.allclose(products, torch.where(expected >= 0, similarity, -torch.inf), atol=1e-6)
    if case != "many cells are empty":  # where rows tie, either may come first
        assert torch.equal(result, expected)
