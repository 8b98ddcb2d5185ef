"""Dutch addresses of cards and recipients; a published address never changes."""

from parentportal.catalogue import recipients
from parentportal.rules.names import accent_free

SLUG_OF = {
    "names": "naam-en-geboorte",
    "contact": "contact",
    "school": "school-en-groep",
    "learning": "leren-en-toetsen",
    "attendance": "aanwezigheid",
    "care": "zorg-en-gezondheid",
    "origin": "geloof-en-herkomst",
    "numbers": "nummers",
    "guardians": "ouders-en-verzorgers",
    "images": "foto-en-video",
    "digital": "digitale-leermiddelen",
    "consent": "toestemming",
}
CATEGORY_OF = {slug: code for code, slug in SLUG_OF.items()}


def _slug(text: str) -> str:
    plain = "".join(sign if sign.isalnum() else " " for sign in accent_free(text))
    return "-".join(plain.split())


RECIPIENT_OF = {_slug(one.name): code for code, one in recipients().items()}
RECIPIENT_SLUG_OF = {code: slug for slug, code in RECIPIENT_OF.items()}
