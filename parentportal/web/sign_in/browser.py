"""What the cookie of somebody on the way in holds, and what a request tells about where it comes from."""

from flask import request, session

from parentportal.services import throttling
from parentportal.web.portal import TOKEN

#: After the password, before the code: a token that opens nothing yet.
HALF = "half"
#: The code of a letter, between the scan and the birth date.
LETTER = "letter"
#: Which activation this browser is busy with.
CARRIER = "carrier"
#: The page that somebody wanted before signing in.
GOAL = "goal"

_BROWSERS = (("Edg", "Edge"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"))
_MORE_BROWSERS = (("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_MACHINES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def kept(name: str) -> str:
    """A text from the cookie; empty when it is not there."""
    value = session.get(name)
    return value if isinstance(value, str) else ""


def start_anew(**kept_on: str) -> None:
    """Empty the cookie and give the browser a new identity, so that nothing from before counts (control S02)."""
    session.clear()
    session.update({name: value for name, value in kept_on.items() if value})


def carry_token(token: str, *, goal: str = "") -> None:
    """From now on this browser is signed in."""
    start_anew(**{TOKEN: token, GOAL: goal})


def network() -> str:
    """The network this request comes from; behind proxies the one that the settings believe."""
    return throttling.network_of(request.remote_addr)


def device() -> str:
    """A rough label such as "Chrome op Android", to recognise an own device by; nothing finer is kept."""
    agent = request.headers.get("User-Agent", "")
    browser = next((label for sign, label in _BROWSERS + _MORE_BROWSERS if sign in agent), "")
    machine = next((label for sign, label in _MACHINES if sign in agent), "")
    return " op ".join(filter(None, (browser, machine)))
