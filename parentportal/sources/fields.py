"""The codes under which readers hand over registered items; the catalogue explains each of them."""

from parentportal.sources.delivery import N_

_ADDRESS = ("street", "house_number", "house_addition", "postcode", "place")

PUPIL_FIELDS = frozenset(
    f"pupil.{name}"
    for name in (
        *("call_name", "first_names", "initials", "prefix", "surname"),
        *("sex", "birth_date", "birth_place"),
        *(f"address.{part}" for part in _ADDRESS),
        *("phone", "email", "emergency_phone"),
        *("nationality", "nationality_2", "origin_country", "country", "country_father", "country_mother"),
        *("ethnicity", "religion", "weight"),
        *("bsn", "education_number", "bsn_last4", "eckid", "source_key"),
        *("health_insurance", "policy_number", "general_practitioner"),
        *("group", "year_group", "location", "enrolled_on", "left_on", "start_year3"),
        *("username", "photo_url"),
    )
)

GUARDIAN_FIELDS = frozenset(
    f"guardian.{name}"
    for name in (
        *("first_name", "initials", "prefix", "surname"),
        *("sex", "birth_date", "birth_country"),
        *(f"address.{part}" for part in _ADDRESS),
        *("phone", "email", "iban"),
        *("marital_status", "occupation", "education", "deceased"),
    )
)

FIELD_CODES = PUPIL_FIELDS | GUARDIAN_FIELDS

# Dutch words for the fields in messages; a field without an entry shows its own code.
FIELD_LABELS = {
    "surname": N_("achternaam"),
    "call_name": N_("roepnaam"),
    "first_name": N_("voornaam"),
    "first_names": N_("voornamen"),
    "initials": N_("voorletters"),
    "prefix": N_("tussenvoegsel"),
    "sex": N_("geslacht"),
    "birth_date": N_("geboortedatum"),
    "birth_place": N_("geboorteplaats"),
    "bsn": N_("BSN"),
    "education_number": N_("onderwijsnummer"),
    "bsn_last4": N_("laatste vier cijfers van het BSN"),
    "eckid": N_("ECK iD"),
    "address.postcode": N_("postcode"),
    "address.place": N_("plaats"),
    "address.street": N_("straat"),
    "address.house_number": N_("huisnummer"),
    "phone": N_("telefoonnummer"),
    "emergency_phone": N_("noodnummer"),
    "email": N_("e-mailadres"),
    "iban": N_("IBAN"),
    "group": N_("groep"),
    "year_group": N_("jaargroep"),
    "enrolled_on": N_("datum van inschrijving"),
    "left_on": N_("datum van uitschrijving"),
    "start_year3": N_("start in groep 3"),
    "weight": N_("gewicht"),
}


def label(field_code: str) -> str:
    """The Dutch word for a field, for use inside a message."""
    return FIELD_LABELS.get(field_code.partition(".")[2], field_code)
