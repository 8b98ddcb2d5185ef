"""The forms on the way in. Secrets are never put back into a page."""

from wtforms import HiddenField, StringField

from parentportal.outside import codes
from parentportal.rules.sentences import N_
from parentportal.web.fields import DayMonthYear, Filled, OneOf, PortalForm, ShortText


class NameAndPassword(PortalForm):
    name = ShortText(N_("E-mailadres of inlognaam"), missing=N_("Vul uw e-mailadres of inlognaam in."))
    password = StringField(N_("Wachtwoord"), validators=[Filled(N_("Vul uw wachtwoord in."))])


class AppCode(PortalForm):
    code = ShortText(N_("Code van 6 cijfers uit de app"), missing=N_("Vul de code van 6 cijfers in."), most=50)


class SavedCode(PortalForm):
    code = ShortText(N_("Noodcode"), missing=N_("Vul een van uw noodcodes in."), most=50)


class PasskeyAnswer(PortalForm):
    """What a script puts in; `goal` is the page that somebody wanted."""

    answer = HiddenField()
    goal = HiddenField()


class WhichWay(PortalForm):
    PASSKEY, PASSWORD = "passkey", "password"
    way = OneOf(
        N_("Hoe wilt u inloggen?"),
        choices=(
            (PASSKEY, N_("Met gezicht, vinger of schermcode")),
            (PASSWORD, N_("Met een wachtwoord en een codes-app")),
        ),
        missing=N_("Kies hoe u wilt inloggen."),
    )


class WhichRole(PortalForm):
    role = OneOf(N_("Hoe wilt u verder?"), choices=(), missing=N_("Kies hoe u verder wilt."))


class LetterCode(PortalForm):
    code = ShortText(N_("Code uit de brief"), missing=N_("Vul de code uit uw brief in."), most=50)

    def typed(self) -> str:
        """The code as it is compared: capitals without blanks and dashes."""
        return codes.as_typed(self.code.data or "")

    def looks_right(self) -> bool:
        """Whether it could be a code at all; says nothing about whether it exists."""
        typed = self.typed()
        return len(typed) == codes.ACTIVATION_LENGTH and set(typed) <= set(codes.ALPHABET)


class BirthDate(PortalForm):
    born = DayMonthYear(N_("Geboortedatum"), missing=N_("Vul de geboortedatum in: dag, maand en jaar."))


class MailAddress(PortalForm):
    email = ShortText(N_("E-mailadres"), missing=N_("Vul uw e-mailadres in."))


class MailCode(PortalForm):
    code = ShortText(N_("Code van 6 cijfers uit de mail"), missing=N_("Vul de code van 6 cijfers in."), most=50)


class NewPassword(PortalForm):
    password = StringField(N_("Nieuw wachtwoord"), validators=[Filled(N_("Vul een wachtwoord in."))])


class Only(PortalForm):
    """A button and nothing to fill in."""
