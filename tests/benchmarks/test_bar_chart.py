"""Plots are well-formed SVG that shows what was measured."""

import xml.etree.ElementTree as ET

from benchmarks.bar_chart import LABELS, VALUES, WIDTH, Bar, bar_chart

NAMESPACE = "{http://www.w3.org/2000/svg}"
BARS = [
    Bar("purertc", 200.0, 100.0, 400.0, "200", own=True),
    Bar("a <b> & c", 50.0, 50.0, 50.0, "50", own=False),
]


def drawn(bars: list[Bar]) -> ET.Element:
    return ET.fromstring(bar_chart("Speed & <more>", bars))  # noqa: S314  # text of our own


def test_every_bar_has_its_name_and_its_figure() -> None:
    texts = [text.text for text in drawn(BARS).iter(f"{NAMESPACE}text")]
    assert texts == ["Speed & <more>", "purertc", "200", "a <b> & c", "50"]


def test_the_most_of_all_runs_fills_the_width() -> None:
    chart = drawn(BARS)
    widths = [float(each.attrib["width"]) for each in chart.iter(f"{NAMESPACE}rect")][1:]
    longest = WIDTH - LABELS - VALUES
    assert widths == [longest / 2, longest / 8]
    spans = [each.attrib["d"] for each in chart.iter(f"{NAMESPACE}path")]
    assert spans[0].startswith(f"M{LABELS + longest / 4:.1f} ")
    assert spans[0].endswith(f"H{LABELS + longest:.1f}")


def test_nothing_and_zero_can_be_drawn() -> None:
    assert len(list(drawn([]).iter(f"{NAMESPACE}rect"))) == 1
    zero = Bar("none", 0.0, 0.0, 0.0, "0", own=False)
    assert len(list(drawn([zero]).iter(f"{NAMESPACE}rect"))) == 2
