import doctest
import html
import importlib
import inspect
import itertools
import json
import pkgutil
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

import torque_core
from docs.build import PAGES, ROOT, build
from docs.formulas import with_mathml
from docs.notebooks import NOTEBOOKS, run
from docs.render import render
from torque_core import ADDITIONS, CUTS, FORCES, LEVERS, DatasetSpec, load

MODULES = [
    importlib.import_module(module.name)
    for module in pkgutil.walk_packages(torque_core.__path__, "torque_core.")
    if not any(part.startswith("_") for part in module.name.split("."))
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    build(folder)
    return folder


class Tags(HTMLParser):
    """The attributes of all tags of a page, and its anchors."""

    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_public_name_is_documented(site, module):
    page = site.joinpath("api", *module.__name__.split(".")).with_suffix(".html").read_text()
    for name in module.__all__:
        assert f'id="{name}"' in page
        value = getattr(module, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert inspect.getdoc(value), f"{module.__name__}.{name} has no docstring"


def test_formulas_are_rendered(site):
    page = site.joinpath("api", "torque_core", "scoring", "forces.html").read_text()
    shown = re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL)
    assert '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">' in shown
    assert 'display="inline"' in shown
    for source in (":math:", "$$", r"\(", r"\frac"):
        assert source not in shown
    method = (site / "method.html").read_text()
    assert method.count("<math") > 10
    assert "$" not in re.sub(r"<pre.*?</pre>", "", method, flags=re.DOTALL)


def test_formulas_in_code_stay():
    assert with_mathml("`$HOME` and `$x$`, 5 $ and 6 $") == "`$HOME` and `$x$`, 5 $ and 6 $"
    assert with_mathml("a\n\n```\n$x$\n```\n") == "a\n\n```\n$x$\n```\n"


def test_the_site_opens_offline_and_its_links_lead_somewhere(site):
    pages = {path: Tags(path.read_text()).tags for path in site.rglob("*.html")}
    assert len(pages) > len(PAGES) + 50
    anchors = {path: {attrs.get("id") for _, attrs in tags} for path, tags in pages.items()}
    for path, tags in pages.items():
        for tag, attrs in tags:
            target = attrs.get("href") or attrs.get("src") or attrs.get("srcset") or ""
            outside = re.match(r"[a-z]+:", target)
            if tag in ("script", "link", "img", "source", "iframe"):
                assert not outside or target.startswith("data:"), f"{path} loads {target}"
            if not target or outside or tag == "use":
                continue
            file, _, anchor = target.partition("#")
            linked = (path.parent / file).resolve() if file else path
            assert linked.exists(), f"{path} links to {target}"
            if anchor and path.parent == site:
                assert html.unescape(anchor) in anchors[linked], f"{path} links to {target}"
        for style in re.findall(r"<style>.*?</style>", path.read_text(), re.DOTALL):
            assert "url(http" not in style
            assert "@import" not in style


def test_every_page_of_the_documentation_is_in_the_site():
    sources = {
        path.relative_to(ROOT).as_posix() for ending in ("md", "ipynb") for path in ROOT.glob(f"docs/**/*.{ending}")
    }
    assert sources <= set(PAGES)


def test_pages_are_rendered_from_the_stored_results():
    for path, text in render().items():
        assert path.read_text("utf-8") == text, f"{path.name} is not up to date; run `make docs`"


def test_every_promise_is_held_by_a_test():
    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if re.match(r"\| [A-Z]", line)]
    assert {row.split(" | ")[0].strip("| ") for row in rows} >= {"Files", "Memory", "Time", "Sessions", "Kills"}
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row.rsplit(" | ", 1)[1])
        assert named, row
        for path, name in named:
            assert re.search(rf"^def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE), f"no {name} in {path}"


def test_readme_is_a_page_and_not_a_book():
    assert len((ROOT / "README.md").read_text("utf-8")) < 10_000


def test_every_rule_is_described():
    text = (ROOT / "docs" / "method.md").read_text("utf-8")
    for registry in (LEVERS, FORCES, CUTS, ADDITIONS):
        for name, rule in registry.items():
            if rule.__module__.startswith("torque_core."):  # others were registered by tests
                assert f"`{name}`" in text


def printed(notebook):
    """What each cell of a notebook printed, with every number masked: digits differ between machines."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return [
        re.sub(r"[\d.]+", "#", "".join(text for output in cell["outputs"] for text in output["text"])) for cell in cells
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run_and_show_what_they_print(path):
    stored = json.loads(path.read_text("utf-8"))
    assert printed(run(stored)) == printed(stored)


def test_the_program_for_minesweeper_runs_on_the_published_board(raw_root, tmp_path, monkeypatch):
    monkeypatch.setenv("TORQUE_DATA", str(tmp_path))
    raw_files = [file for file in raw_root.glob("heterophilous/minesweeper/**/*") if file.is_file()]
    for file in raw_files:  # without the permissions of the folders
        copied = tmp_path / file.relative_to(raw_root)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copied)
    if not raw_files:
        pytest.skip("no raw files of Minesweeper")
    program = doctest.DocTestParser().get_examples((ROOT / "docs/howto/pyg.md").read_text("utf-8"))
    names = {}
    for example in itertools.takewhile(lambda example: "manual_seed" not in example.source, program):
        exec(example.source, names)
    pre_processing = names["Compose"]([names["NormalizeFeatures"](), names["TorqueRewire"]()])
    data = pre_processing(load(DatasetSpec("minesweeper")).data)
    assert 0 <= names["train_gat"](data, epochs=1) <= 1


def test_there_are_three_notebooks():
    assert {path.stem for path in NOTEBOOKS} == {"node-classification", "graph-classification", "link-prediction"}


def test_the_version_is_stated_once():
    assert f"version: {torque_core.__version__}" in Path(ROOT, "CITATION.cff").read_text()
    assert f"\n## {torque_core.__version__}\n" in Path(ROOT, "CHANGELOG.md").read_text()


@pytest.mark.parametrize("name", ["drag", "drag-dark"])
def test_the_first_picture_of_the_readme_moves_and_is_small(name):
    file = ROOT / "assets" / f"{name}.png"
    assert f"assets/{name}.png" in (ROOT / "README.md").read_text("utf-8")
    assert file.stat().st_size < 2_000_000
    with Image.open(file) as picture:
        assert picture.n_frames > 10
