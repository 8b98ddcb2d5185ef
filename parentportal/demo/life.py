"""What happened at the demo's schools in the past weeks: requests in every state, one of them late."""

from datetime import timedelta

from parentportal.demo import choosing
from parentportal.demo.asking import (
    BAS,
    DIRECTOR,
    ILSE,
    Wish,
    ask,
    close,
    decide,
    pick_up,
    propose,
    settle_tasks,
    version,
)
from parentportal.demo.beginning import deliver
from parentportal.demo.town import Town
from parentportal.outside.clock import amsterdam_date
from parentportal.rules.outcomes import Ground, Outcome
from parentportal.rules.privacy_requests import Kind
from parentportal.rules.roles import Role
from parentportal.services import privacy_requests as service
from parentportal.services.privacy_requests import LineDecision, Proposal

#: So long ago the schools delivered again; some corrections had arrived by then.
SECOND_DELIVERY = 6
IN_SOURCE = "Aangepast in de leerlingadministratie en daar nagekeken."


def live(town: Town) -> None:
    """Everything after the first letters, in the order in which it happened."""
    choosing.answer(town)
    a_wrong_birth_place_is_mended(town)
    a_typing_error_is_mended(town)
    a_granted_name_does_not_arrive(town)
    a_removal_is_late(town)
    a_removal_is_refused(town)
    a_removal_is_being_carried_out(town)
    town.go_to(20, 13)
    choosing.carry_over(town)
    choosing.think_again(town, after=30, until=8)
    a_teacher_proposed(town)
    town.go_to(SECOND_DELIVERY, 8)
    deliver(town, "99AA", turn=1)
    deliver(town, "99AB", turn=1)
    choosing.think_again(town, after=8, until=0)
    the_director_asked_something(town)
    some_are_new(town)
    two_are_not_sent(town)


def a_wrong_birth_place_is_mended(town: Town) -> None:
    """The teacher proposes, the director decides, the administration mends it, and the next files show it."""
    town.go_to(34, 19)
    request_id = ask(town, Wish("ravi", "asha", "pupil.birth_place", Kind.RECTIFICATION, "Zomerdijk"))
    town.go_to(33, 9)
    pick_up(town, request_id, ILSE)
    propose(town, request_id, ILSE, Proposal(Outcome.GRANTED))
    town.go_to(32, 16)
    decide(town, request_id, LineDecision(Outcome.GRANTED))
    town.go_to(31, 10)
    settle_tasks(town, request_id, IN_SOURCE)
    town.go_to(30, 11)
    close(town, request_id)


def a_typing_error_is_mended(town: Town) -> None:
    """A letter too many in a first name; the director grants it, and by the next files it has arrived."""
    town.go_to(26, 19)
    why = "Er staat een letter te veel."
    request_id = ask(town, Wish("ravi", "asha", "pupil.first_names", Kind.RECTIFICATION, "Asha Devi", why=why))
    town.go_to(24, 9)
    decide(town, request_id, LineDecision(Outcome.GRANTED))
    town.go_to(21, 10)
    settle_tasks(town, request_id, IN_SOURCE)


def a_granted_name_does_not_arrive(town: Town) -> None:
    """Granted and closed, but the school's own system still says something else."""
    town.go_to(33, 20)
    wish = Wish("femke", "jip", "pupil.first_names", Kind.RECTIFICATION, "Jip Yara", Role.DIRECTOR)
    request_id = ask(town, wish)
    town.go_to(31, 9)
    decide(town, request_id, LineDecision(Outcome.GRANTED))
    town.go_to(29, 10)
    settle_tasks(town, request_id, IN_SOURCE)
    town.go_to(28, 11)
    close(town, request_id)


def a_removal_is_late(town: Town) -> None:
    """Picked up, and then left lying beyond the term."""
    town.go_to(32, 20)
    request_id = ask(town, Wish("marieke", "finn", "pupil.country", Kind.ERASURE, to=Role.DIRECTOR))
    town.go_to(30, 14)
    pick_up(town, request_id, DIRECTOR)


def a_removal_is_refused(town: Town) -> None:
    """A law asks for the item; the parent reads which law, until when, and what can be done."""
    town.go_to(25, 21)
    wish = Wish(
        "daan", "sem", "pupil.birth_date", Kind.ERASURE, to=Role.DIRECTOR, why="Dit hoeft de school niet te weten."
    )
    request_id = ask(town, wish)
    town.go_to(22, 15)
    decide(
        town,
        request_id,
        LineDecision(
            Outcome.REFUSED,
            ground=Ground.LEGAL_DUTY,
            reason="De school moet weten vanaf wanneer Sem leerplichtig is. Zonder de datum kan dat niet.",
            law="Leerplichtwet 1969, artikel 3",
            retention_class="r5",
            erase_on=amsterdam_date(town.clock.now()) + timedelta(days=5 * 365),
        ),
    )
    town.go_to(20, 9)
    close(town, request_id)


def a_removal_is_being_carried_out(town: Town) -> None:
    """Gone from the portal at once; the school's own system is still to follow."""
    town.go_to(14, 20)
    request_id = ask(town, Wish("ngozi", "chidi", "pupil.country", Kind.ERASURE, to=Role.DIRECTOR))
    town.go_to(10, 9)
    decide(town, request_id, LineDecision(Outcome.GRANTED))


def a_teacher_proposed(town: Town) -> None:
    """The teacher thinks it is right in part; the director still has to look."""
    town.go_to(8, 19)
    request_id = ask(town, Wish("noor", "lot", "pupil.birth_place", Kind.RECTIFICATION, "Zomerdijk, wijk De Kade"))
    town.go_to(7, 12)
    pick_up(town, request_id, BAS)
    why = "De plaats klopt. Een wijk schrijven wij niet op."
    propose(town, request_id, BAS, Proposal(Outcome.PARTLY, Ground.PROVED_RIGHT, why))


def the_director_asked_something(town: Town) -> None:
    """The parent is to answer first."""
    town.go_to(5, 20)
    request_id = ask(town, Wish("samira", "nora", "pupil.call_name", Kind.RECTIFICATION, "Noura", Role.DIRECTOR))
    town.go_to(4, 10)
    pick_up(town, request_id, DIRECTOR)
    with town.visit(*DIRECTOR) as visitor:
        question = "Staat de naam ook zo in het paspoort van Nora? Dan passen we hem overal aan."
        town.act(service.ask, request_id, question, version=version(town, request_id), by=visitor)


def some_are_new(town: Town) -> None:
    """Nobody has looked at these, or only just."""
    town.go_to(2, 18)
    ask(town, Wish("joke", "ayaan", "pupil.first_names", Kind.RECTIFICATION, "Ayaan Ali", Role.DIRECTOR))
    town.go_to(2, 20)
    ask(town, Wish("noor", "noor", "guardian.phone", Kind.RECTIFICATION, "0612345999"))
    town.go_to(1, 19)
    request_id = ask(town, Wish("ravi", "asha", "pupil.emergency_phone", Kind.RECTIFICATION, "0612345888"))
    town.go_to(0, 8)
    pick_up(town, request_id, ILSE)


def two_are_not_sent(town: Town) -> None:
    """Drafts: nobody but who writes them sees them."""
    town.go_to(1, 21)
    ask(town, Wish("noor", "sem", "pupil.country", Kind.ERASURE), send=False)
    ask(town, Wish("lisa", "tess", "pupil.first_names", Kind.RECTIFICATION, "Tess Anna"), send=False)
