"""Report of a view as one HTML file that opens in any browser without a network connection."""

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go

from torque_core.figures.palette import themes
from torque_core.utils.text import visible

__all__ = [
    "ChartSection",
    "CodeSection",
    "DocumentSection",
    "NumbersSection",
    "Section",
    "TableSection",
    "report_html",
]


@dataclass(frozen=True)
class NumbersSection:
    """A list of named values, formatted as text."""

    rows: Mapping[str, str]


@dataclass(frozen=True)
class ChartSection:
    """A Plotly figure with alternative text and a caption."""

    figure: go.Figure
    alt: str
    caption: str = ""


@dataclass(frozen=True)
class TableSection:
    """A data frame with a caption."""

    frame: pd.DataFrame
    caption: str = ""


@dataclass(frozen=True)
class CodeSection:
    """A script with a caption."""

    text: str
    caption: str = ""


@dataclass(frozen=True)
class DocumentSection:
    """An embedded HTML document, such as the page returned by :func:`~torque_core.figures.network_html`."""

    document: str
    alt: str
    height: int = 580
    caption: str = ""


Section = NumbersSection | ChartSection | TableSection | CodeSection | DocumentSection


def report_html(title: str, parameters: Mapping[str, str], sections: Sequence[tuple[str, Section]]) -> str:
    """Create a report: a table of parameters followed by titled sections.

    Figures can be zoomed and saved as PNG or SVG. All texts are escaped. The file contains Plotly once, and its content
    security policy forbids loading anything else. The report follows the light or dark colour scheme of the reader's
    system: the colours of one :class:`~torque_core.figures.palette.Theme` in a figure are replaced by those of the
    other.

    Args:
        title: Title of the report.
        parameters: Values of the settings by name.
        sections: Heading and content of each section.

    Returns:
        An HTML document.

    Example:
        >>> page = report_html("A view", {"data set": "<karate>"}, [("Numbers", NumbersSection({"edges": "78"}))])
        >>> "&lt;karate&gt;" in page, "<td>78</td>" in page
        (True, True)
    """
    from plotly.offline import get_plotlyjs

    has_charts = any(isinstance(content, ChartSection) for _, content in sections)
    body = [f"<h1>{_escape(title)}</h1>", _rows_html(parameters)]
    for number, (heading, content) in enumerate(sections):
        body += [f"<h2>{_escape(heading)}</h2>", _section_html(content, number)]
    style, draw_charts = ((_STATIC / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    colours = f"const themes = {json.dumps(themes())};"
    script = f"<script>{get_plotlyjs()}</script><script>{colours}\n{draw_charts}</script>" if has_charts else ""
    return _PAGE.format(title=_escape(title), style=style, script=script, body="\n".join(body))


def _section_html(content: Section, number: int) -> str:
    match content:
        case NumbersSection(rows):
            return _rows_html(rows)
        case ChartSection(figure, alt, caption):
            data = str(figure.to_json()).replace("<", "\\u003c")  # a node name must not close the script element
            return (
                f'<figure><div id="chart{number}" role="img" aria-label="{_escape(alt)}"></div>'
                f"<p><button onclick=\"save({number}, 'png')\">PNG</button> "
                f"<button onclick=\"save({number}, 'svg')\">SVG</button></p>"
                f"<figcaption>{_escape(caption or alt)}</figcaption></figure>"
                f"<script>draw({number}, {data});</script>"
            )
        case TableSection(frame, caption):
            cells = frame.to_html(index=False, na_rep="–", border=0, float_format="{:.4g}".format)
            return (
                f'<figure><div class="wide" role="region" aria-label="Table" tabindex="0">{cells}</div>'
                f"<figcaption>{_escape(caption)}</figcaption></figure>"
            )
        case CodeSection(text, caption):
            return f"<figure><pre>{_escape(text)}</pre><figcaption>{_escape(caption)}</figcaption></figure>"
        case DocumentSection(document, alt, height, caption):
            return (
                f'<figure><iframe title="{_escape(alt)}" height="{height}" sandbox="allow-scripts" '
                f'srcdoc="{html.escape(document)}"></iframe><figcaption>{_escape(caption)}</figcaption></figure>'
            )


def _escape(text: str) -> str:
    return html.escape(visible(text))


def _rows_html(rows: Mapping[str, str]) -> str:
    cells = (f"<tr><th scope='row'>{_escape(name)}</th><td>{_escape(value)}</td></tr>" for name, value in rows.items())
    return f"<table>{''.join(cells)}</table>"


_STATIC = Path(__file__).with_name("_static")
_PAGE = """<!html.escape(document)TYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval';
 style-src 'unsafe-inline'; img-src data: blob:; font-src data:; worker-src blob:"><title>{title}</title>
<style>{style}</style>{script}</head>
<body><main>{body}</main></body>
</html>
"""
