"""What to say about a passkey that proved nothing; the same words wherever one is asked for."""

from collections.abc import Mapping

from parentportal.rules.sentences import N_
from parentportal.services.passkeys import Unproved

TOO_MANY = "too_many"
"""In the address of the page that says why: this network asked too often."""

TROUBLES: Mapping[str, str] = {
    Unproved.OTHER_PLACE: N_("Uw telefoon stuurde een sleutel van een ander adres. Kijk of het adres bovenin klopt."),
    Unproved.NOT_VERIFIED: N_("Uw telefoon vroeg niet om uw gezicht, vinger of schermcode. Zet dat eerst aan."),
    Unproved.TOO_LATE: N_("Het duurde te lang. Probeer het nog een keer."),
}
"""By the value of `Unproved`, which `Refused` has too; what is not here has other words at each place."""
