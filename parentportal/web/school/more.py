"""The page "Meer" of people who work at a school."""

from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.rules.roles import Role
from parentportal.web.guard import this_visitor
from parentportal.web.languages import tongues
from parentportal.web.languages import translate as _
from parentportal.web.more import Entry, about_privacy, account, entries, entry
from parentportal.web.pages import page
from parentportal.web.school.room import blueprint


@blueprint.get("/meer")
@allow(Role.TEACHER, Role.SUPPORT, Role.ADMINISTRATION, Role.DIRECTOR)
def more() -> ResponseReturnValue:
    visitor = this_visitor()
    office = visitor.role in {Role.ADMINISTRATION, Role.DIRECTOR}
    groups = [(_("Toestemming"), _consents()), (_("Mensen"), _people()), (_("Bestanden"), _files())] if office else []
    return page("layout/more.html", languages=tongues(), groups=[*groups, about_privacy(), account(visitor)])


def _consents() -> list[Entry]:
    return entries(
        entry("school.consent_lists", _("Lijsten met toestemmingen"), _("Per groep, als bestand.")),
        entry("school.paper_consents", _("Keuzes op papier"), _("Invoeren wat een ouder op papier koos.")),
    )


def _people() -> list[Entry]:
    return entries(
        entry("school.groups", _("Groepen"), _("Welke leerkracht bij welke groep hoort, en wanneer.")),
        entry("school.staff", _("Medewerkers"), _("Wie welke rol heeft, en een collega toevoegen.")),
        entry("school.authorities", _("Gezag"), _("Wie over welk kind beslist, en wat veilig is.")),
        entry("school.counter_recoveries", _("Inloghulp"), _("Voor wie voor u staat en niet meer kan inloggen.")),
        entry("school.people", _("Dubbele personen"), _("Twee rijen die één persoon zijn.")),
    )


def _files() -> list[Entry]:
    return entries(
        entry("school.imports", _("Bestanden"), _("Wat uit het schoolsysteem kwam.")),
        entry("school.invitations", _("Brieven"), _("Codes voor ouders en collega’s, en mail die niet aankomt.")),
        entry("school.paper_notices", _("Berichten op papier"), _("Voor wie geen e-mailadres heeft.")),
    )
