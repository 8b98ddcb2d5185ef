"""The forms about one's own means to sign in. Secrets are never put back into a page."""

from wtforms import HiddenField

from parentportal.rules.sentences import N_
from parentportal.services.ways_in import MOST_NAME
from parentportal.web.fields import PortalForm, ShortText


class NewApp(PortalForm):
    code = ShortText(N_("Code van 6 cijfers uit de app"), missing=N_("Vul de code van 6 cijfers in."), most=50)
    name = ShortText(N_("Naam voor deze app"), most=MOST_NAME)


class PasskeyName(PortalForm):
    name = ShortText(
        N_("Naam van de sleutel"), missing=N_("Vul een naam in waaraan u de sleutel herkent."), most=MOST_NAME
    )


class MadeCodes(PortalForm):
    """`made_with`: the key of the form that made the codes, from which they can be shown again."""

    made_with = HiddenField()


class TypedBack(MadeCodes):
    code = ShortText(N_("Noodcode"), missing=N_("Typ een van uw noodcodes over."), most=50)
