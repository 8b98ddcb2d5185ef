"""Builds the wheel, installs it in an environment of its own, and renders a page from it."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, os
import parentportal
from parentportal import migrations
from parentportal.app import create_app
from parentportal.settings import Settings
settings = Settings.from_environment(os.environ)
migrations.migrate(settings.database_url)
client = create_app(settings).test_client()
page = client.get("/hulp", base_url="https://localhost")
sheet = page.get_data(as_text=True).split('rel="stylesheet" href="')[1].split('"')[0]
with client.get(sheet, base_url="https://localhost") as style:
    print(json.dumps([parentportal.__file__, page.status_code, style.status_code]))
"""


@pytest.mark.slow
def test_an_installed_wheel_shows_its_pages(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / "dist"), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    home = tmp_path / "environment"
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    site = next((home / "lib").glob("python*/site-packages"))
    libraries = next(Path(path) for path in sys.path if path.endswith("site-packages"))
    (site / "libraries.pth").write_text(str(libraries))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PARENTPORTAL_")}
    environ["PARENTPORTAL_DATA_DIR"] = str(tmp_path / "data")
    environ.pop("PYTHONPATH", None)
    subprocess.run([home / "bin" / "parentportal", "init"], env=environ, cwd=tmp_path, check=True, capture_output=True)
    done = subprocess.run([python, "-c", SCRIPT], env=environ, cwd=tmp_path, check=True, capture_output=True)
    place, page, style = json.loads(done.stdout)
    assert Path(place).is_relative_to(home)
    assert (page, style) == (200, 200)
