"""The stylesheet keeps its promises: readable in both themes, the same from either side of the page, and light."""

import gzip
import re
from itertools import product
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
CSS = (STATIC / "css" / "app.css").read_text(encoding="utf-8")

GROUNDS = ("ground", "surface", "sunk")
STATES = ("ok", "warn", "err", "info")
TEXT = [
    *product(("text", "soft", "link"), GROUNDS),
    *product(("text", "soft", "link"), [f"{state}-bg" for state in STATES]),
    *[(state, f"{state}-bg") for state in STATES],
    *product(("err",), GROUNDS),
    *product(("on-band", "on-band-soft"), ("band", "band-2")),
    ("on-action", "action"),
    ("on-accent", "accent"),
]
SHAPES = [
    *product(("edge", "action"), GROUNDS[:2]),
    *product(STATES, GROUNDS[:2]),
    ("focus", "halo"),
]


def declarations(block: str) -> dict[str, str]:
    """Custom properties of one block, by name without the leading dashes."""
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", block))


def blocks(selector: str) -> list[dict[str, str]]:
    """Every block of the stylesheet with exactly this selector."""
    return [declarations(body) for body in re.findall(re.escape(selector) + r"\s*\{([^}]*)\}", CSS)]


LIGHT = blocks(":root")[0]
DARK_BY_SYSTEM = blocks(':root:not([data-theme="light"])')[0]
DARK_BY_CHOICE = blocks(':root[data-theme="dark"]')[0]
THEMES = {"light": LIGHT, "dark": LIGHT | DARK_BY_CHOICE}


def colour(theme: dict[str, str], role: str) -> tuple[float, float, float]:
    """Red, green and blue of a role, 0 to 1, followed through var()."""
    value = theme[f"c-{role}"]
    while found := re.fullmatch(r"var\(--([\w-]+)\)", value):
        value = theme[found[1]]
    digits = value.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def luminance(rgb: tuple[float, float, float]) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(theme: dict[str, str], above: str, below: str) -> float:
    """Contrast ratio of two roles in a theme, 1 to 21."""
    low, high = sorted((luminance(colour(theme, above)), luminance(colour(theme, below))))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_is_the_greatest_contrast() -> None:
    assert ratio({"c-a": "#000", "c-b": "#ffffff"}, "a", "b") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("above", "below"), TEXT)
def test_words_can_be_read(theme: str, above: str, below: str) -> None:
    assert ratio(THEMES[theme], above, below) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("above", "below"), SHAPES)
def test_edges_of_fields_and_buttons_can_be_seen(theme: str, above: str, below: str) -> None:
    assert ratio(THEMES[theme], above, below) >= 3


def test_dark_by_system_and_dark_by_choice_are_one_theme() -> None:
    assert DARK_BY_SYSTEM == DARK_BY_CHOICE


def test_every_colour_has_a_dark_side() -> None:
    roles = {name for name in LIGHT if name.startswith("c-")}
    assert roles == set(DARK_BY_CHOICE)


def test_every_variable_in_use_exists() -> None:
    known = set(re.findall(r"--([\w-]+):", CSS))
    assert set(re.findall(r"var\(--([\w-]+)", CSS)) <= known


def test_components_take_colours_from_roles_only() -> None:
    components = CSS.split("@layer components {")[1].split("@layer utilities {")[0]
    without_qr = re.sub(r"\.qr \{[^}]*\}", "", components)
    assert not re.findall(r"#[0-9a-f]{3,6}\b|--(?:ink|sea|sun)", without_qr)


def test_nothing_depends_on_the_side_of_the_page() -> None:
    sheets = sorted((STATIC / "css").glob("*.css"))
    assert len(sheets) > 1
    assert [path.name for path in sheets if re.search(r"(?i)left|right", path.read_text(encoding="utf-8"))] == []


def test_nothing_is_fetched_from_the_stylesheet() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS


def test_layers_come_in_the_agreed_order() -> None:
    assert CSS.index("@layer tokens, base, layout, components, utilities, print;") < CSS.index("@layer tokens {")


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("css/app.css", 6144),
        ("css/home.css", 1024),
        ("css/sheets.css", 1024),
        ("js/app.js", 4096),
        ("img/icons.svg", 4096),
    ],
)
def test_files_stay_light(path: str, most: int) -> None:
    assert len(gzip.compress((STATIC / path).read_bytes(), 9, mtime=0)) <= most


def test_a_first_view_fits_the_first_window_of_the_network() -> None:
    files = ("css/app.css", "css/home.css", "js/app.js", "img/favicon.svg", "img/icons.svg")
    assert sum(len(gzip.compress((STATIC / path).read_bytes(), 9, mtime=0)) for path in files) <= 10 * 1024
