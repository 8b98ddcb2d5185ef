"""Walks every file: short enough to understand in a minute, named after what it is, free of what must not be there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_LINES = 400
VAGUE = {"utils", "helpers", "common", "manager", "misc", "tools"}


def python_files() -> list[Path]:
    found = [*(ROOT / "parentportal").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    return [path for path in found if "versions" not in path.parts]


def long_files(files: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}: {count}"
        for path in files
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    ]


def vague_names(files: list[Path]) -> list[str]:
    return [str(path) for path in files if path.stem in VAGUE or VAGUE & set(path.parent.parts[-1:])]


def files_without_caption(files: list[Path]) -> list[str]:
    return [
        str(path.relative_to(ROOT))
        for path in files
        if (text := path.read_text(encoding="utf-8").strip()) and not text.startswith('"""')
    ]


def test_there_are_files_to_walk() -> None:
    assert len(python_files()) > 100


def test_no_file_passes_four_hundred_lines() -> None:
    assert long_files(python_files()) == []


def test_no_file_has_a_vague_name() -> None:
    assert vague_names(python_files()) == []


def test_every_module_of_the_package_opens_with_its_caption() -> None:
    assert files_without_caption(list((ROOT / "parentportal").rglob("*.py"))) == []


def test_no_template_turns_escaping_off() -> None:
    marks = re.compile(r"\|\s*safe\b|autoescape\s+false|Markup\(")
    found = [str(path) for path in (ROOT / "templates").rglob("*.html") if marks.search(path.read_text("utf-8"))]
    assert found == []


def test_nothing_is_loaded_from_another_host() -> None:
    loads = re.compile(r"""(?:src|href)=["']?https?://|url\(\s*["']?(?:https?:|data:)|@import|import\(["']https?:""")
    allowed = re.compile(r"""<a [^>]*href=["']https://""")
    found = []
    for path in [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static").rglob("*.*")]:
        if path.suffix in (".html", ".css", ".js", ".svg"):
            text = allowed.sub("", path.read_text("utf-8"))
            if loads.search(text):
                found.append(str(path.relative_to(ROOT)))
    assert found == []


def test_a_long_file_is_caught(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text("\n" * 401)
    assert long_files([planted]) == [f"{planted}: 401"]


@pytest.mark.parametrize("name", ["utils.py", "helpers.py"])
def test_a_vague_name_is_caught(tmp_path: Path, name: str) -> None:
    assert vague_names([tmp_path / name]) == [str(tmp_path / name)]
