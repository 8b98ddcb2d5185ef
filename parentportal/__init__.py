"""Kijkglas, the privacy portal of a school board."""

from pathlib import Path

__version__ = "0.1.0"

_HERE = Path(__file__).resolve().parent
_INSIDE_A_WHEEL = _HERE / "_assets"

#: The folder that holds `templates`, `static` and `translations`: beside the package in a checkout, inside
#: it in an installed wheel.
ASSETS = _INSIDE_A_WHEEL if _INSIDE_A_WHEEL.is_dir() else _HERE.parent
