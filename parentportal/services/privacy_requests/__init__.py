"""Requests of guardians about registered data: written, sent, handled, decided, carried out and closed."""

from parentportal.services.privacy_requests.closing import answer, close, disagree, reopen, withdraw
from parentportal.services.privacy_requests.deciding import (
    LineDecision,
    decide,
    extend,
    grant_simply,
    return_proposal,
)
from parentportal.services.privacy_requests.drafting import (
    change_line,
    choose_addressee,
    discard,
    explain,
    remove_line,
    start,
)
from parentportal.services.privacy_requests.handling import (
    Proposal,
    ask,
    note,
    note_sensitive_read,
    pass_to_director,
    pick_up,
    propose,
)
from parentportal.services.privacy_requests.sending import send
from parentportal.services.privacy_requests.settling import note_task_settled

__all__ = [
    "LineDecision",
    "Proposal",
    "answer",
    "ask",
    "change_line",
    "choose_addressee",
    "close",
    "decide",
    "disagree",
    "discard",
    "explain",
    "extend",
    "grant_simply",
    "note",
    "note_sensitive_read",
    "note_task_settled",
    "pass_to_director",
    "pick_up",
    "propose",
    "remove_line",
    "reopen",
    "return_proposal",
    "send",
    "start",
    "withdraw",
]
