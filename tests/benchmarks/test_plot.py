from xml.etree import ElementTree as ET

from benchmarks.plot import LEFT, WIDTH, draw

SVG = "{http://www.w3.org/2000/svg}"


def test_a_bar_is_as_long_as_the_logarithm_of_its_value_and_ours_stand_out():
    picture = ET.fromstring(  # noqa: S314 - made here
        draw("A <title>", [("Coatcheck", 1.0), ("a peer", 10.0), ("another", 100.0)])
    )
    bars = picture.findall(f"{SVG}rect")
    assert [int(bar.get("width")) for bar in bars] == [0, WIDTH / 2, WIDTH]
    assert [bar.get("class") for bar in bars] == ["ours", None, None]
    assert {int(bar.get("x")) for bar in bars} == {LEFT}
    assert picture.find(f"{SVG}title").text == "A <title>"
