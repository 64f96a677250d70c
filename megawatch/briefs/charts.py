"""The charts of an edition: PNG for mail in a light and a dark dress, SVG for the page in the colours of its reader.

The same chart gives the same bytes: one bundled font, no dates, ids salted by the chart's name.
"""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from typing import Any

import PIL.Image
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from megawatch.briefs.rows.types import Chart, Mark

WIDTH_INCHES = 4.6
ROW_INCHES = 0.46
HEAD_INCHES = 0.1
FOOT_INCHES = 0.58
SIDE_INCHES = 0.16
PIXELS_AN_INCH = 200
PALETTE = 64

LIGHT = {
    "paper": "#faf7f1",
    "ink": "#1d1b18",
    "quiet": "#5f594f",
    "rule": "#d8d0c2",
    "band": "#b9c9cf",
    "mark": "#0b4f6c",
}
DARK = {
    "paper": "#1f2327",
    "ink": "#ece8e1",
    "quiet": "#b3aca0",
    "rule": "#41464b",
    "band": "#4d646e",
    "mark": "#8fd0e8",
}
_STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "svg.fonttype": "none",
    "path.simplify": False,
    "axes.unicode_minus": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A chart in its dresses; ``name`` is the stem of its files, sizes are in CSS pixels."""

    name: str
    alt: str
    light: bytes
    dark: bytes
    svg: str
    width: int
    height: int


def draw_chart(chart: Chart) -> Image:
    """The chart as PNG in light and dark, and as SVG whose colours follow the page."""
    with rc_context({**_STYLE, "svg.hashsalt": chart.key}), warnings.catch_warnings():
        # A name in a script that the font lacks is drawn as boxes; the table beside the chart has it in letters.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        light, dark = (_figure(chart, colours) for colours in (LIGHT, DARK))
        width, height = light.get_size_inches()
        return Image(
            name=chart.name,
            alt=str(chart.alt),
            light=_png(light),
            dark=_png(dark),
            svg=_themed(_svg(light), chart),
            width=round(width * 100),
            height=round(height * 100),
        )


def _figure(chart: Chart, colours: dict[str, str]) -> Figure:
    rows = len(chart.marks)
    height = HEAD_INCHES + ROW_INCHES * rows + FOOT_INCHES
    figure = Figure(figsize=(WIDTH_INCHES, height), facecolor=colours["paper"], dpi=PIXELS_AN_INCH)
    FigureCanvasAgg(figure)
    side = SIDE_INCHES / WIDTH_INCHES
    box = (side, FOOT_INCHES / height, 1 - 2 * side, ROW_INCHES * rows / height)
    axes = figure.add_axes(box, facecolor="none")
    for place, mark in enumerate(chart.marks):
        _draw_mark(axes, mark, rows - 1 - place, colours)
    _dress(axes, chart, colours)
    return figure


def _draw_mark(axes: Any, mark: Mark, height: int, colours: dict[str, str]) -> None:
    """One row: its words above, below them the band of the market and the deal's range with its middle."""
    line = height - 0.2
    if mark.band:
        low, high = mark.band
        axes.barh(line, max(high - low, 0.02), left=low, height=0.34, color=colours["band"], zorder=2)
    ends, middle = [mark.low, mark.high], (mark.low + mark.high) / 2
    axes.plot(ends, [line, line], color=colours["mark"], linewidth=2.6, zorder=3, solid_capstyle="butt")
    face = colours["paper"] if mark.uncertain else colours["mark"]
    axes.plot([middle], [line], "D", markersize=5.5, color=colours["mark"], markerfacecolor=face, zorder=4)
    name = f"{mark.name}, {mark.group}" if str(mark.group) else str(mark.name)
    value = str(mark.value).replace("\u00a0", " ")
    _write(axes, 0, height + 0.24, name, "left", colours["ink"])
    _write(axes, 1, height + 0.24, value, "right", colours["ink"])


def _write(axes: Any, x: float, y: float, text: str, align: str, colour: str) -> None:
    # Names come from sources: a dollar sign in one must not start mathematical notation.
    place = {"transform": axes.get_yaxis_transform(), "ha": align, "va": "center", "clip_on": False}
    axes.text(x, y, text, color=colour, parse_math=False, zorder=5, **place)


def _dress(axes: Any, chart: Chart, colours: dict[str, str]) -> None:
    ends = [end for mark in chart.marks for end in (mark.low, mark.high, *(mark.band or ()))]
    axes.set_xlim(0, max(ends) * 1.04 or 1)
    axes.set_ylim(-0.5, len(chart.marks) - 0.5)
    axes.set_yticks([])
    for edge in ("top", "left", "right"):
        axes.spines[edge].set_visible(False)
    axes.spines["bottom"].set_color(colours["rule"])
    axes.tick_params(axis="x", colors=colours["quiet"], labelsize=7.5, length=0, pad=4)
    axes.xaxis.set_major_formatter(lambda value, _: f"${value:,.0f}")
    axes.xaxis.get_major_locator().set_params(integer=True, nbins=6)
    for height in range(len(chart.marks)):
        axes.axhline(height - 0.2, color=colours["rule"], linewidth=0.7, zorder=1)
    side, foot = SIDE_INCHES / WIDTH_INCHES, 0.13 / axes.figure.get_size_inches()[1]
    axes.figure.text(side, foot, chart.legend, fontsize=7.5, color=colours["quiet"], parse_math=False)


def _png(figure: Figure) -> bytes:
    drawn, out = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", facecolor=figure.get_facecolor())
    with PIL.Image.open(drawn) as image:
        image.convert("RGB").quantize(PALETTE, dither=PIL.Image.Dither.NONE).save(out, format="png", optimize=True)
    return out.getvalue()


def _svg(figure: Figure) -> str:
    out = io.StringIO()
    metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(out, format="svg", metadata=metadata, transparent=True)
    return out.getvalue()


def _themed(svg: str, chart: Chart) -> str:
    """The drawing alone, its colours as custom properties of the page with the light ones as fallback."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(
        r'<svg [^>]*?viewBox="([^"]+)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true" focusable="false">', svg, count=1
    )
    for name, colour in LIGHT.items():
        svg = svg.replace(colour, f"var(--chart-{name},{colour})")
    svg = re.sub(r"'DejaVu Sans'[^;\"]*", "system-ui, sans-serif", svg)
    return re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{chart.key}-", svg)
