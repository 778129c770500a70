import sys

import pytest

from tests import suite

CONFIG = "[pytest]\nmarkers = browser\n"
OTHERS = "def test_passes():\n    pass\n"
# fails at the first attempt, and every other browser test is not run again
FLAKY = """
import pathlib, pytest
pytestmark = pytest.mark.browser

def test_at_the_second_attempt():
    mark = pathlib.Path(__file__).with_name("mark")
    if not mark.exists():
        mark.touch()
        raise AssertionError

def test_once():
    pathlib.Path(__file__).with_name("once").touch(exist_ok=False)
"""
BROKEN = FLAKY.replace("if not mark.exists():", "if True:")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with tests, which the suite runs in place of its own."""
    (tmp_path / "pytest.ini").write_text(CONFIG)
    (tmp_path / "test_others.py").write_text(OTHERS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(suite, "PROCESSES", 1)  # each imports all of pytest's plugins
    monkeypatch.setattr(suite, "PYTEST", (sys.executable, "-m", "pytest", "-p", "no:playwright", str(tmp_path)))
    return tmp_path


def test_a_browser_test_that_passes_at_the_second_attempt_is_named(folder, capfd):
    (folder / "test_pages.py").write_text(FLAKY)
    assert suite.main() == 0
    output = capfd.readouterr().out
    assert output.rstrip().endswith("Passed only when run again:\n  test_pages.py::test_at_the_second_attempt")


@pytest.mark.parametrize("broken", ["test_pages.py", "test_others.py"])
def test_a_test_that_stays_broken_fails_the_suite(folder, capfd, broken):
    (folder / "test_pages.py").write_text(FLAKY)
    (folder / broken).write_text(BROKEN if broken == "test_pages.py" else "def test_fails():\n    assert False\n")
    assert suite.main() == 1
    assert ("Passed only" in capfd.readouterr().out) == (broken == "test_others.py")
