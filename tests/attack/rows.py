"""What a row of the attack matrix is: an attack with a dose and a bar, and the flaw that must make it fail."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.attack.portal import Portal


@dataclass(frozen=True, slots=True)
class Result:
    """What one attack came to: how much was done, what was found, and whether that is within the bar."""

    done: str
    measured: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `attack(portal, dose)` runs on a portal of its own; within `control(portal)` the same must not hold.

    The dose is `small` in the ordinary tests and `full` in the command; the control gets `controlled`. What goes on in
    a real browser says so with `in_browser`, and finds one at `portal.browser`.
    """

    id: str
    what: str
    bar: str
    attack: Callable[[Portal, int], Result]
    control: Callable[[Portal], AbstractContextManager[None]]
    flaw: str
    small: int
    full: int
    controlled: int
    in_browser: bool = False
