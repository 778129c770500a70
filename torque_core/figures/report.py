"""Report of a view as one HTML file that opens in any browser without a network connection."""

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import pandas as pd
import plotly.graph_objects as go

from torque_core.figures.palette import DARK, LIGHT

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
    body = [f"<h1>{html.escape(title)}</h1>", _rows_html(parameters)]
    for number, (heading, content) in enumerate(sections):
        body += [f"<h2>{html.escape(heading)}</h2>", _section_html(content, number)]
    script = f"<script>{get_plotlyjs()}</script><script>{_SCRIPT}</script>" if has_charts else ""
    return _PAGE.format(title=html.escape(title), style=_STYLE, script=script, body="\n".join(body))


def _section_html(content: Section, number: int) -> str:
    match content:
        case NumbersSection(rows):
            return _rows_html(rows)
        case ChartSection(figure, alt, caption):
            data = str(figure.to_json()).replace("<", "\\u003c")  # a node name must not close the script element
            return (
                f'<figure><div id="chart{number}" role="img" aria-label="{html.escape(alt)}"></div>'
                f"<p><button onclick=\"save({number}, 'png')\">PNG</button> "
                f"<button onclick=\"save({number}, 'svg')\">SVG</button></p>"
                f"<figcaption>{html.escape(caption or alt)}</figcaption></figure>"
                f"<script>draw({number}, {data});</script>"
            )
        case TableSection(frame, caption):
            cells = frame.to_html(index=False, na_rep="–", border=0, float_format="{:.4g}".format)
            return (
                f'<figure><div class="wide" role="region" aria-label="Table" tabindex="0">{cells}</div>'
                f"<figcaption>{html.escape(caption)}</figcaption></figure>"
            )
        case CodeSection(text, caption):
            return f"<figure><pre>{html.escape(text)}</pre><figcaption>{html.escape(caption)}</figcaption></figure>"
        case DocumentSection(document, alt, height, caption):
            return (
                f'<figure><iframe title="{html.escape(alt)}" height="{height}" sandbox="allow-scripts" '
                f'srcdoc="{html.escape(document)}"></iframe><figcaption>{html.escape(caption)}</figcaption></figure>'
            )


def _rows_html(rows: Mapping[str, str]) -> str:
    cells = (
        f"<tr><th scope='row'>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>"
        for name, value in rows.items()
    )
    return f"<table>{''.join(cells)}</table>"


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval';
 style-src 'unsafe-inline'; img-src data: blob:; font-src data:; worker-src blob:"><title>{title}</title>
<style>{style}</style>{script}</head>
<body><main>{body}</main></body>
</html>
"""

_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
body { background: light-dark(#fff, #0e1117); color: light-dark(#31333f, #fafafa); }
main { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
figure { margin: 0 0 2rem; }
figcaption { opacity: 0.75; font-size: 0.9rem; }
table { border-collapse: collapse; margin: 0.5rem 0 1rem; }
th, td { padding: 0.25rem 0.75rem; border-bottom: 1px solid #8886; text-align: left; }
.wide { max-height: 32rem; overflow: auto; }
td { font-variant-numeric: tabular-nums; }
button { font: inherit; font-size: 0.85rem; padding: 0.1rem 0.6rem; cursor: pointer; }
:focus-visible { outline: 2px solid #0072b2; outline-offset: 2px; }
pre { padding: 1rem; overflow: auto; border: 1px solid #8886; border-radius: 0.5rem; }
iframe { width: 100%; border: 1px solid #8886; border-radius: 0.5rem; }
"""

_THEMES = {theme.name: {key: value for key, value in asdict(theme).items() if key != "name"} for theme in (LIGHT, DARK)}

_SCRIPT = f"""
const themes = {json.dumps(_THEMES)};
const dark = matchMedia("(prefers-color-scheme: dark)");
const charts = new Map();
function recoloured(part, to) {{
  if (typeof part === "string") return to.get(part.toUpperCase()) ?? part;
  if (Array.isArray(part)) return part.map((item) => recoloured(item, to));
  if (part === null || typeof part !== "object") return part;
  return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, recoloured(item, to)]));
}}
function draw(number, figure) {{
  charts.set(number, figure);
  const look = themes[dark.matches ? "dark" : "light"];
  const to = new Map(Object.values(themes).flatMap((theme) =>
    Object.entries(theme).map(([key, colour]) => [colour.toUpperCase(), look[key]])));
  const {{ data, layout }} = recoloured(figure, to);
  const axis = {{ gridcolor: "#88888840", zerolinecolor: "#88888880", automargin: true }};
  const font = {{ color: look.text }};
  layout.template = {{ layout: {{
    paper_bgcolor: look.background, plot_bgcolor: look.background, font, xaxis: axis, yaxis: axis,
  }} }};
  Plotly.react("chart" + number, data, {{ ...layout, autosize: true }}, {{ responsive: true, displaylogo: false }});
}}
function save(number, format) {{
  Plotly.downloadImage("chart" + number, {{ format, width: 1200, height: 800, filename: "figure-" + (number + 1) }});
}}
dark.addEventListener("change", () => charts.forEach((figure, number) => draw(number, figure)));
"""
