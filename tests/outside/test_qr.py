"""A code in a page: readable by telephones and screen readers, harmless to the page."""

from xml.etree import ElementTree

from parentportal.outside import qr

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = 'x"><script>alert(1)</script>'


def drawn(
    text: str = "https://portaal.example/a/b", title: str = "QR-code", description: str = ""
) -> ElementTree.Element:
    picture = str(qr.svg(text, title=title, description=description))
    return ElementTree.fromstring(picture.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314 - our own picture


def test_the_picture_has_a_role_a_title_and_a_description() -> None:
    picture = drawn(title="QR-code voor uw codes-app", description="Of gebruik de knop erboven.")
    assert picture.get("role") == "img"
    assert picture.findtext(f"{SVG}title") == "QR-code voor uw codes-app"
    assert picture.findtext(f"{SVG}desc") == "Of gebruik de knop erboven."
    assert drawn().find(f"{SVG}desc") is None


def test_nothing_in_it_needs_an_exception_in_the_content_policy() -> None:
    for element in drawn().iter():
        assert "style" not in element.attrib
        assert not [name for name in element.attrib if name.startswith("on") or "href" in name]
        assert element.tag.removeprefix(SVG) in {"svg", "title", "g", "path"}


def test_it_is_black_on_white_with_a_quiet_edge_of_four_modules() -> None:
    ground, modules = drawn().iter(f"{SVG}path")
    assert ground.get("fill") == "#fff"
    assert modules.get("stroke") == "#000"
    assert str(modules.get("d")).startswith("M4 4.5")


def test_it_takes_its_size_from_the_page() -> None:
    picture = drawn()
    assert picture.get("viewBox")
    assert picture.get("width") is None


def test_hostile_titles_stay_text() -> None:
    picture = drawn(title=HOSTILE, description=HOSTILE)
    assert picture.findtext(f"{SVG}title") == HOSTILE
    assert "<script" not in qr.svg("a", title=HOSTILE, description=HOSTILE)


def test_different_contents_give_different_pictures() -> None:
    assert qr.svg("a", title="t") != qr.svg("b", title="t")
