"""Pages on a data set whose edges keep their directions."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.frame.navigation import PAGES, page_script

ROOT = Path(__file__).parents[2]


@pytest.fixture
def texas(tmp_path, monkeypatch, raw_root):
    shutil.copytree(raw_root / "webkb" / "texas", tmp_path / "webkb" / "texas")
    monkeypatch.setenv("TORQUE_DATA", str(tmp_path))


# Evidence shows stored results, of whichever data set
@pytest.mark.parametrize("page", [page for page in PAGES if page != "evidence"])
def test_a_page_shows_a_directed_graph(texas, page):
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    for key, value in {"data": "texas", "directed": "yes", "peer": "cosine", "layers": "1"}.items():
        test.query_params[key] = value
    test.switch_page(page_script(page)).run()
    assert not test.exception, [error.value for error in test.exception]
    assert not test.error
    assert not test.warning
    assert test.session_state["data"] == "texas"
    assert test.session_state["directed"] is True
