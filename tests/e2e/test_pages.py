"""Every page that a person can reach by links, at 360 and 320 pixels: axe, targets, the policy, no other host."""

import re
from collections.abc import Callable

import pytest

from tests.e2e.phone import IDS, Phone
from tests.e2e.running import Running
from tests.e2e.ways_in import links_of, sign_in

#: Who walks, and at least how many kinds of page that person must come to see.
WALKERS = {
    "noor@post.example": 30,
    "ngozi@post.example": 28,
    "petra@waterlijn.example": 30,
    "hanna@waterlijn.example": 30,
    "ilse@waterlijn.example": 12,
    "hugo@waterlijn.example": 8,
}
#: Who chose another language than Dutch.
READS = {"ngozi@post.example": "en"}
#: Pages that differ in nothing but what they are about.
ALIKE = re.compile(r"(/gegevens/|/ontvangers/)[\w-]+$")


@pytest.mark.slow
@pytest.mark.parametrize("name", WALKERS)
def test_every_page_is_fit_for_a_small_telephone(demo: Running, new_phone: Callable[..., Phone], name: str) -> None:
    phone = new_phone(demo.base_url, script=True, name=name.partition("@")[0] + "-")
    sign_in(demo, phone, name)
    todo, kinds = [phone.path], set()
    while todo:
        path = todo.pop()
        kind = ALIKE.sub(r"\1…", IDS.sub("…", path))
        if kind in kinds or path.endswith(".csv"):
            continue
        kinds.add(kind)
        phone.open(path)
        assert phone.page.locator("html").get_attribute("lang") == READS.get(name, "nl"), path
        todo += links_of(phone)
    assert len(kinds) >= WALKERS[name]
    phone.must_be_fine()


def test_the_cookie_belongs_to_this_host_alone_and_no_script_reads_it(
    demo: Running, new_phone: Callable[..., Phone]
) -> None:
    phone = new_phone(demo.base_url)
    phone.open("/inloggen")
    (cookie,) = phone.cookies()
    assert cookie["name"].startswith("__Host-")
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"], cookie["path"]) == (True, True, "Lax", "/")


@pytest.mark.parametrize("script", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_nothing_private_comes_back_after_signing_out(
    demo: Running, new_phone: Callable[..., Phone], script: bool
) -> None:
    phone = new_phone(demo.base_url, script=script)
    sign_in(demo, phone, "ravi@post.example")
    phone.must_read("Asha")
    phone.tap("Gegevens")
    phone.tap("Asha")
    phone.tap("Naam en geboorte")
    phone.must_read("Asha Devi")
    phone.tap("Uitloggen")
    for _ in range(4):
        phone.go_back()
        phone.page.wait_for_load_state("load")
        phone.page.wait_for_timeout(300)
        assert not phone.reads("Asha"), f"{phone.path} shows a child after signing out"
    phone.open("/mijn/")
    assert phone.path == "/inloggen"


def test_the_two_boxes_of_a_question_are_equally_large(demo: Running, new_phone: Callable[..., Phone]) -> None:
    phone = new_phone(demo.base_url, script=True)
    sign_in(demo, phone, "femke@post.example")
    phone.open("/mijn/toestemming")
    phone.tap("Mees")
    sizes = phone.page.locator("fieldset label").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect()).map(r => [Math.round(r.width), Math.round(r.height)])"
    )
    assert len(sizes) >= 16
    assert all(yes == no for yes, no in zip(sizes[::2], sizes[1::2], strict=True))
