"""Every component in all its states, for builders: part of the demo and of the tests, never of a real portal."""

from flask import Flask
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, FileField, IntegerField, PasswordField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from parentportal.access import ANYONE, allow
from parentportal.outside import qr
from parentportal.rules.sentences import N_
from parentportal.web.fields import Choice, LongText, OneOf, PortalForm, ShortText
from parentportal.web.pages import render

WAYS = [("face", "Met gezicht, vinger of schermcode"), ("app", "Met wachtwoord en een codes-app")]
PARTS = [("name", "Naam"), ("address", "Adres"), ("phone", "Telefoon")]


class Sample(PortalForm):
    """One field of each kind."""

    name = ShortText(N_("Voornaam"), missing=N_("Vul de voornaam in."))
    amount = IntegerField("Aantal kinderen")
    day = ShortText(N_("Dag"), missing=N_("Vul de dag in."))
    month = ShortText(N_("Maand"), missing=N_("Vul de maand in."))
    year = ShortText(N_("Jaar"), missing=N_("Vul het jaar in."))
    code = ShortText(N_("Code van 6 cijfers"), missing=N_("Vul de code in."))
    letter = ShortText(N_("Code uit de brief"), missing=N_("Vul de code uit de brief in."))
    password = PasswordField(N_("Wachtwoord"))
    way = OneOf(N_("Hoe wilt u inloggen?"), choices=WAYS, missing=N_("Kies een manier."))
    own = BooleanField(N_("Onthoud dit apparaat"))
    fields = SelectMultipleField(N_("Wat mag op de lijst?"), choices=[SelectChoice(*part) for part in PARTS])
    group = Choice(N_("Groep"), choices=[("5", "Groep 5"), ("2", "Groep 2")], missing=N_("Kies een groep."))
    why = LongText(N_("Waarom?"), missing=N_("Vul de reden in."))
    files = FileField(N_("Bestanden"))


def init_app(app: Flask) -> None:
    @app.get("/stijlgids")
    @allow(ANYONE)
    def gallery() -> ResponseReturnValue:
        clean, wrong = Sample(formdata=None), Sample(formdata=None, prefix="fout")
        wrong.validate()
        code = qr.svg("https://portaal.example", title="QR")
        return render("gallery/index.html", clean=clean, wrong=wrong, qr=code)

    @app.get("/stijlgids/brief")
    @allow(ANYONE)
    def gallery_letter() -> ResponseReturnValue:
        return render("gallery/letter.html", printed_on="21 november 2026", printed_by="Ilse Vermeer", reference="A1")

    @app.get("/stijlgids/einde")
    @allow(ANYONE)
    def gallery_panel() -> ResponseReturnValue:
        return render("gallery/panel.html")
