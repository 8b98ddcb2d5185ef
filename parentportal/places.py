"""Where the files lie that are not code: the same names in a checkout and in an installed wheel."""

from parentportal import ASSETS

TEMPLATES = ASSETS / "templates"
MAIL_TEMPLATES = TEMPLATES / "mail"
STATIC = ASSETS / "static"
TRANSLATIONS = ASSETS / "translations"
