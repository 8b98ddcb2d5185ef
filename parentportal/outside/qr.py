"""Pictures of codes that a telephone scans: QR as inline SVG, without styles or scripts."""

import segno
from markupsafe import Markup

#: The white edge, in modules, without which many telephones do not see the code.
QUIET_ZONE = 4


def svg(text: str, *, title: str, description: str = "") -> Markup:
    """An SVG element for in a page: black on white whatever the colours of the page, as wide as its box.

    `title` is what a screen reader says; `description` may say which other way there is.
    """
    code = segno.make(text, error="m", micro=False)
    drawing: str = code.svg_inline(
        border=QUIET_ZONE,
        dark="#000",
        light="#fff",
        title=title,
        desc=description or None,
        svgclass="qr",
        lineclass=None,
        omitsize=True,
    )
    return Markup(drawing.replace("<svg ", '<svg role="img" ', 1))  # noqa: S704 - segno escapes title and desc
