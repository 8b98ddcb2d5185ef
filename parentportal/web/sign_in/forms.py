"""The forms on the way in. Secrets are never put back into a page."""

from wtforms import StringField

from parentportal.outside import codes
from parentportal.web.fields import DayMonthYear, Filled, OneOf, PortalForm, ShortText


class NameAndPassword(PortalForm):
    name = ShortText("E-mailadres of inlognaam", what="uw e-mailadres of inlognaam")
    password = StringField("Wachtwoord", validators=[Filled("Vul uw wachtwoord in.")])


class AppCode(PortalForm):
    code = ShortText("Code van 6 cijfers uit de app", what="de code van 6 cijfers", most=50)


class SavedCode(PortalForm):
    code = ShortText("Noodcode", what="een van uw noodcodes", most=50)


class WhichRole(PortalForm):
    role = OneOf("Hoe wilt u verder?", choices=(), what="hoe u verder wilt")


class LetterCode(PortalForm):
    code = ShortText("Code uit de brief", what="de code uit uw brief", most=50)

    def typed(self) -> str:
        """The code as it is compared: capitals without blanks and dashes."""
        return codes.as_typed(self.code.data or "")

    def looks_right(self) -> bool:
        """Whether it could be a code at all; says nothing about whether it exists."""
        typed = self.typed()
        return len(typed) == codes.ACTIVATION_LENGTH and set(typed) <= set(codes.ALPHABET)


class BirthDate(PortalForm):
    born = DayMonthYear("Geboortedatum", what="de geboortedatum")


class MailAddress(PortalForm):
    email = ShortText("E-mailadres", what="uw e-mailadres")


class MailCode(PortalForm):
    code = ShortText("Code van 6 cijfers uit de mail", what="de code van 6 cijfers", most=50)


class NewPassword(PortalForm):
    password = StringField("Nieuw wachtwoord", validators=[Filled("Vul een wachtwoord in.")])


class Only(PortalForm):
    """A button and nothing to fill in."""
