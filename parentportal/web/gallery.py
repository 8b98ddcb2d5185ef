"""Every component in all its states, for builders: part of the demo and of the tests, never of a real portal."""

from flask import Flask
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, FileField, IntegerField, PasswordField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from parentportal.access import ANYONE, allow
from parentportal.outside import qr
from parentportal.web.fields import Choice, LongText, OneOf, PortalForm, ShortText
from parentportal.web.pages import render

WAYS = [("face", "Met gezicht, vinger of schermcode"), ("app", "Met wachtwoord en een codes-app")]
PARTS = [("name", "Naam"), ("address", "Adres"), ("phone", "Telefoon")]


class Sample(PortalForm):
    """One field of each kind."""

    name = ShortText("Voornaam", what="de voornaam")
    amount = IntegerField("Aantal kinderen")
    day = ShortText("Dag", what="de dag")
    month = ShortText("Maand", what="de maand")
    year = ShortText("Jaar", what="het jaar")
    code = ShortText("Code van 6 cijfers", what="de code")
    letter = ShortText("Code uit de brief", what="de code uit de brief")
    password = PasswordField("Wachtwoord")
    way = OneOf("Hoe wilt u inloggen?", choices=WAYS, what="een manier")
    own = BooleanField("Onthoud dit apparaat")
    fields = SelectMultipleField("Wat mag op de lijst?", choices=[SelectChoice(*part) for part in PARTS])
    group = Choice("Groep", choices=[("5", "Groep 5"), ("2", "Groep 2")], what="een groep")
    why = LongText("Waarom?", what="de reden")
    files = FileField("Bestanden")


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
