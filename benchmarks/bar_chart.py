"""A horizontal bar chart as SVG.

It is rectangles and text, so it is written out here: a plotting library would be one more thing to
install and pin for every reader, for less than this file holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

__all__ = ["Bar", "bar_chart"]

WIDTH = 720
LABELS = 150
VALUES = 110
BAR = 22
GAP = 10
TOP = 44
BOTTOM = 12
OWN = "#1f6feb"
OTHER = "#8c959f"


@dataclass(frozen=True)
class Bar:
    """One bar: the median, the least and the most of all runs, and how to write the median."""

    label: str
    value: float
    least: float
    most: float
    text: str
    own: bool


def bar_chart(title: str, bars: Sequence[Bar]) -> str:
    """Return the chart; a thin line in each bar goes from its least to its most."""
    height = TOP + len(bars) * (BAR + GAP) + BOTTOM
    longest = max((bar.most for bar in bars), default=0.0) or 1.0
    scale = (WIDTH - LABELS - VALUES) / longest
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
            f' width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="14">'
        ),
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(12, 26, title, ' font-weight="bold"'),
    ]
    for number, bar in enumerate(bars):
        lines += _drawn(bar, TOP + number * (BAR + GAP), scale)
    return "\n".join([*lines, "</svg>", ""])


def _drawn(bar: Bar, top: int, scale: float) -> list[str]:
    middle = top + BAR / 2
    wide, color = bar.value * scale, OWN if bar.own else OTHER
    least, most = (LABELS + value * scale for value in (bar.least, bar.most))
    return [
        _text(LABELS - 8, middle + 5, bar.label, ' text-anchor="end"'),
        f'<rect x="{LABELS}" y="{top}" width="{wide:.1f}" height="{BAR}" fill="{color}"/>',
        f'<path d="M{least:.1f} {middle}H{most:.1f}" stroke="#1f2328" stroke-width="1.5"/>',
        _text(most + 8, middle + 5, bar.text),
    ]


def _text(x: float, y: float, text: str, attributes: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y}" fill="#1f2328"{attributes}>{escape(text)}</text>'
