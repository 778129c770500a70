"""Build the documentation as one site that opens offline: ``python -m docs.build [FOLDER]``."""

import html
import json
import os
import re
import shutil
import sys
from base64 import b64decode
from pathlib import Path, PurePosixPath

import markdown2
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from docs.api import build_api
from docs.formulas import with_mathml

__all__ = ["PAGES", "build"]

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    "README.md": ("index.html", "Torque Explorer"),
    "docs/app.md": ("app.html", "The app"),
    "docs/method.md": ("method.html", "Method"),
    "docs/results.md": ("results.html", "Results"),
    "docs/performance.md": ("performance.html", "Time and memory"),
    "docs/package.md": ("package.html", "The package"),
    "docs/howto/node-classification.ipynb": ("howto/node-classification.html", "Node classification"),
    "docs/howto/graph-classification.ipynb": ("howto/graph-classification.html", "Graph classification"),
    "docs/howto/link-prediction.ipynb": ("howto/link-prediction.html", "Link prediction"),
    "docs/howto/pyg.md": ("howto/pyg.html", "In a program with PyG"),
    "docs/howto/command-line.md": ("howto/command-line.html", "The command line"),
    "docs/howto/notebook.md": ("howto/notebook.html", "In a notebook"),
    "docs/howto/own-graph.md": ("howto/own-graph.html", "Your own graph"),
    "docs/howto/own-method.md": ("howto/own-method.html", "Your own method"),
    "docs/howto/large-graphs.md": ("howto/large-graphs.html", "Large graphs"),
    "docs/howto/hosting.md": ("howto/hosting.html", "Hosting"),
    "docs/security.md": ("security.html", "Security"),
    "docs/howto/reproduce.md": ("howto/reproduce.html", "Reproduce the results"),
    "CHANGELOG.md": ("changelog.html", "Changes"),
    ".github/CONTRIBUTING.md": ("contributing.html", "Contributing"),
}
"""Every page: its source, its place in the site, and its title in the navigation."""

_EXTRAS = ["code-friendly", "cuddled-lists", "fenced-code-blocks", "header-ids", "tables", "strike"]
_FORMATTER = HtmlFormatter(cssclass="highlight")
_LINK = re.compile(r'\b(href|src|srcset)="([^"#]*)(#[^"]*)?"')
_SHELL = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="{up}assets/icon.svg">
<link rel="stylesheet" href="{up}site.css">
</head>
<body>
<nav aria-label="Pages">
{navigation}
</nav>
<main>
{content}
</main>
</body>
</html>
"""


def build(folder: Path) -> None:
    """Write the site; ``index.html`` is where it begins."""
    if folder.exists():
        shutil.rmtree(folder)
    build_api(folder / "api")
    dark = HtmlFormatter(cssclass="highlight", style="github-dark").get_style_defs(".highlight")
    style = (ROOT / "docs" / "site.css").read_text("utf-8")
    style += f"{_FORMATTER.get_style_defs('.highlight')}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"
    (folder / "site.css").write_text(style, "utf-8")
    _copy("assets/icon.svg", folder)
    for source, (place, title) in PAGES.items():
        text = (ROOT / source).read_text("utf-8")
        content = _notebook(text) if source.endswith(".ipynb") else _markdown(text)
        content = _LINK.sub(lambda match, at=source: _linked(match, at, folder), content)
        up = "../" * (len(PurePosixPath(place).parts) - 1)
        page = _SHELL.format(
            title="Torque Explorer" if source == "README.md" else f"{title} – Torque Explorer",
            up=up, navigation=_navigation(place, up), content=content,
        )  # fmt: skip
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(page, "utf-8")


def _navigation(here: str, up: str) -> str:
    """Links to all pages and to the API, this one marked."""
    lines = []
    for place, title in [*PAGES.values(), ("api/torque_core.html", "API")]:
        mark = ' aria-current="page"' if place == here else ""
        lines.append(f'<a href="{up}{place}"{mark}>{html.escape(title)}</a>')
        if place == "howto/node-classification.html":
            lines.insert(-1, "<span>How to</span>")
        if place == "howto/reproduce.html":
            lines.append("<span>Reference</span>")
    return "\n".join(lines)


def _markdown(text: str) -> str:
    return str(markdown2.markdown(with_mathml(text), extras=_EXTRAS))


def _linked(match: re.Match[str], source: str, folder: Path) -> str:
    """The attribute of a link with its target in the site; files that are no pages are copied there."""
    attribute, target, anchor = match[1], match[2], match[3] or ""
    if not target or re.match(r"[a-z]+:", target):
        return match[0]
    path = os.path.normpath(os.path.join(os.path.dirname(source), target))
    if path in PAGES:
        place = PAGES[path][0]
    else:
        place = path
        _copy(path, folder)
    here = os.path.dirname(PAGES[source][0])
    return f'{attribute}="{os.path.relpath(place, here or ".")}{anchor}"'


def _copy(path: str, folder: Path) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / path, folder / path)


def _notebook(text: str) -> str:
    """The cells of a notebook and their outputs."""
    parts = []
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(_markdown(source))
        else:
            parts.append(highlight(source, PythonLexer(), _FORMATTER))
            parts += [_output(output) for output in cell["outputs"]]
    return "\n".join(parts)


def _output(output: dict) -> str:
    """One output of a cell: HTML or a picture if there is one, else text."""
    data = output.get("data", {})
    if "image/png" in data:
        picture = "".join(data["image/png"]).replace("\n", "")
        b64decode(picture, validate=True)
        return f'<img alt="output of the cell" src="data:image/png;base64,{picture}">'
    if "text/html" in data:
        return "".join(data["text/html"])
    return f'<pre class="output">{html.escape("".join(output.get("text") or data.get("text/plain", "")))}</pre>'


def main() -> int:
    """Build the site into the folder that is given, by default ``build/docs``."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "build/docs")
    build(target)
    print(f"Open {target}/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
