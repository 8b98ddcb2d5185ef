"""What the cookie of somebody on the way in holds, and what a request tells about where it comes from."""

from flask import Response, current_app, g, request, session

from parentportal.outside import codes
from parentportal.services import throttling
from parentportal.services.sign_in import Browser
from parentportal.web.languages import ONE_YEAR
from parentportal.web.portal import TOKEN

#: After the password, before the code: a token that opens nothing yet.
HALF = "half"
#: The code of a letter, between the scan and the birth date.
LETTER = "letter"
#: Which activation this browser is busy with.
CARRIER = "carrier"
#: The page that somebody wanted before signing in.
GOAL = "goal"
MOST_TOKEN = 100

_BROWSERS = (("Edg", "Edge"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"))
_MORE_BROWSERS = (("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_APPS = ("; wv)", "FBAN", "FBAV", "Instagram", "WhatsApp", "Line/", "GSA/", "Snapchat", "MicroMessenger", "Teams/")
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


def known_token() -> str:
    """The token of a known device in this browser; empty when it has none."""
    return request.cookies.get(device_cookie(), "")[:MOST_TOKEN]


def lasting_token() -> str:
    """The token by which this browser will be known, made now if it has none; for whoever just showed both factors."""
    token: str = known_token() or g.get("device_token") or codes.token()
    g.device_token = token
    return token


def device_cookie() -> str:
    return "__Host-kijkglas-toestel" if current_app.config["SESSION_COOKIE_SECURE"] else "kijkglas-toestel"


def keep_device_token(answer: Response) -> Response:
    """Renew the cookie of a known device for a year, on the answers that asked for it."""
    if "device_token" in g:
        answer.set_cookie(
            device_cookie(),
            g.device_token,
            max_age=ONE_YEAR,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    return answer


def network() -> str:
    """The network this request comes from; behind proxies the one that the settings believe."""
    return throttling.network_of(request.remote_addr)


def device() -> str:
    """A rough label such as "Chrome (Android)", to recognise an own device by; nothing finer is kept."""
    agent = request.headers.get("User-Agent", "")
    browser = next((label for sign, label in _BROWSERS + _MORE_BROWSERS if sign in agent), "")
    machine = next((label for sign, label in _MACHINES if sign in agent), "")
    return f"{browser} ({machine})" if browser and machine else browser or machine


def is_inside_an_app() -> bool:
    """Whether the page is shown within a mail or chat app, where passkeys fail and cookies are lost (ux 6.1)."""
    agent = request.headers.get("User-Agent", "")
    return any(sign in agent for sign in _APPS) or ("iPhone" in agent and "Safari" not in agent)


def this_browser() -> Browser:
    """Where somebody comes from who is about to be let in; from then on this browser is known."""
    return Browser(network(), device(), lasting_token())
