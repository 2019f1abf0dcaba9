"""Charts: marks lie where their values are, names cannot break out, and nothing is drawn of what is not there."""

import xml.etree.ElementTree as ElementTree

import pytest

from retrieval.svg_charts import LABEL, VALUE, WIDTH, Bar, histogram, interval_chart, rose

RIGHT = WIDTH - VALUE


def marks(svg, tag, css):
    return [one.attrib for one in ElementTree.fromstring(svg).iter(tag) if css in one.attrib.get("class", "")]


def test_marks_and_intervals_lie_at_their_values():
    svg = interval_chart("t", [Bar("a", 0.25, 1.0, (0.0, 0.5), (0.75, 1.0), "-0.75")])
    [square], [circle] = marks(svg, "rect", "synthetic"), marks(svg, "circle", "real")
    assert float(square["x"]) + 4 == pytest.approx(LABEL + 0.25 * (RIGHT - LABEL), abs=0.1)
    assert float(circle["cx"]) == RIGHT
    [line] = marks(svg, "line", "whisker synthetic")
    assert float(line["x1"]) == LABEL
    assert float(line["x2"]) == pytest.approx((LABEL + RIGHT) / 2, abs=0.1)


def test_what_is_not_known_is_not_drawn():
    svg = interval_chart("t", [Bar("a", None, 0.5, None, None, "n 3")])
    assert marks(svg, "rect", "synthetic") == marks(svg, "line", "whisker") == []
    assert len(marks(svg, "circle", "real")) == 1


def test_names_of_a_dataset_cannot_break_out():
    svg = interval_chart("<b>", [Bar("</text><script>", 0.1, 0.2, None, None, "&")])
    texts = [one.text for one in ElementTree.fromstring(svg).iter("text")]
    assert "</text><script>" in texts
    assert "&" in texts


def test_a_histogram_is_as_high_as_its_shares():
    svg = histogram("t", [0, 1, 2], [0.25, 0.75], [1.0, 0.0], "m", 0.5)
    [area] = marks(svg, "path", "area")
    heights = {180 - float(pair.split(",")[1]) for pair in area["d"].strip("MZ").split("L")}
    low, high = sorted(heights - {0.0})
    assert high / low == pytest.approx(3, abs=0.01)
    assert len(marks(svg, "line", "mark")) == 1


def test_a_rose_shows_areas_and_its_first_name_up():
    svg = rose("t", ["F", "L", "B", "R"], [0.25] * 4, [1.0, 0, 0, 0])
    wedges = marks(svg, "path", "wedge real")
    _, start, rest = wedges[0]["d"].split("L")[0], *wedges[0]["d"].split("L")[1].split("A")
    assert float(start.split(",")[1]) < 160, "up is less"
    assert float(rest.split(",")[0]) == pytest.approx(110)
    radius = float(marks(svg, "path", "wedge synthetic")[0]["d"].split("A")[1].split(",")[0])
    assert radius == pytest.approx(110 * 0.5), "a quarter of the share is a quarter of the area"


def test_a_long_value_has_room():
    svg = interval_chart("t", [Bar("a", 0.1, 0.2, None, None, "100%, renders 100%")])
    [value] = [one.attrib for one in ElementTree.fromstring(svg).iter("text") if one.attrib.get("class") == "value"]
    assert float(value["x"]) + 7 * len("100%, renders 100%") <= WIDTH
