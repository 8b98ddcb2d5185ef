"""Mag dit?: what a teacher looks up with a camera in hand, the sheet on paper, and the list for other systems."""

from io import BytesIO
from uuid import UUID

from flask import redirect, send_file, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.reads import group_sheets
from parentportal.rules.roles import Role
from parentportal.rules.tasks import Channel
from parentportal.services import consents
from parentportal.web.fields import PortalForm
from parentportal.web.guard import this_visitor
from parentportal.web.languages import long_day, moment, this_language
from parentportal.web.languages import translate as _
from parentportal.web.navigation import ROOM_OF
from parentportal.web.pages import page
from parentportal.web.portal import act, reading
from parentportal.web.school.room import blueprint

SOFT_HYPHEN = "\u00ad"
ROOM_OF.update(
    {
        "school.group_purposes": "school.group_sheets",
        "school.group_sheet": "school.group_sheets",
        "school.group_sheet_print": "school.group_sheets",
        "school.consent_lists": "school.more",
    }
)


@blueprint.get("/mag-dit", endpoint="group_sheets")
@allow(Role.TEACHER, Role.DIRECTOR)
def list_groups() -> ResponseReturnValue:
    with reading() as session:
        sheets = group_sheets.list_sheets(session, by=this_visitor())
    if len(sheets.groups) == 1:
        return redirect(url_for(".group_purposes", group_id=sheets.groups[0].id), 303)
    return page("school/group_sheets/groups.html", sheets=sheets)


@blueprint.get("/mag-dit/<uuid:group_id>")
@allow(Role.TEACHER, Role.DIRECTOR)
def group_purposes(group_id: UUID) -> ResponseReturnValue:
    with reading() as session:
        sheet = group_sheets.get_sheet(session, group_id, by=this_visitor())
    return page("school/group_sheets/purposes.html", sheet=sheet, labels=[_label(one) for one in sheet.purposes])


@blueprint.get("/mag-dit/<uuid:group_id>/<uuid:item_id>")
@allow(Role.TEACHER, Role.DIRECTOR)
def group_sheet(group_id: UUID, item_id: UUID) -> ResponseReturnValue:
    with reading() as session:
        sheet = group_sheets.get_sheet(session, group_id, by=this_visitor())
    purpose, no, yes = sheet.split(item_id)
    return page(
        "school/group_sheets/names.html",
        sheet=sheet,
        label=_label(purpose),
        no=no,
        yes=yes,
        back_url=url_for(".group_purposes", group_id=group_id),
    )


@blueprint.get("/mag-dit/<uuid:group_id>/print")
@allow(Role.TEACHER, Role.DIRECTOR)
def group_sheet_print(group_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as session:
        sheet = group_sheets.get_sheet(session, group_id, by=visitor)
    return page(
        "school/group_sheets/print.html",
        sheet=sheet,
        heads=_heads(sheet),
        printed_on=moment(sheet.at, this_language()),
        valid_on=long_day(sheet.at, this_language()),
        printed_by=visitor.name,
        back_url=url_for(".group_purposes", group_id=group_id),
    )


@blueprint.get("/toestemmingen")
@allow(Role.ADMINISTRATION, Role.DIRECTOR)
def consent_lists() -> ResponseReturnValue:
    with reading() as session:
        sheets = group_sheets.list_sheets(session, by=this_visitor())
    return page("school/group_sheets/lists.html", sheets=sheets, form=PortalForm())


@blueprint.post("/toestemmingen/<uuid:group_id>/download")
@allow(Role.ADMINISTRATION, Role.DIRECTOR)
def download_consents(group_id: UUID) -> ResponseReturnValue:
    name, content = act(consents.export_group, group_id, by=this_visitor())
    return send_file(BytesIO(content), mimetype="text/csv", as_attachment=True, download_name=name)


def _label(purpose: group_sheets.Purpose) -> str:
    """A purpose in a word or two, to be found with one glance."""
    media = {"photo": _("foto’s"), "video": _("video’s")}
    where = _place_name(purpose).replace(SOFT_HYPHEN, "")
    one_medium = purpose.channel in (None, Channel.CLASS_PHOTO, Channel.CLASS_LIST) or purpose.medium not in media
    return where if one_medium else _("%(place)s: %(media)s", place=where, media=media[purpose.medium])


def _heads(sheet: group_sheets.Sheet) -> list[tuple[str, list[str]]]:
    """The columns of the print: where, and under it what, so that photo and video stand together."""
    media = {"photo": _("foto"), "video": _("video")}
    heads: list[tuple[str, list[str]]] = []
    for purpose in sheet.purposes:
        where = _place_name(purpose)
        if not heads or heads[-1][0] != where:
            heads.append((where, []))
        heads[-1][1].append(media.get(purpose.medium, _("mag")))
    return heads


def _place_name(purpose: group_sheets.Purpose) -> str:
    names = {
        Channel.WEBSITE: _("Website"),
        Channel.NEWSLETTER: _("Nieuws\u00adbrief"),
        Channel.PARENT_APP: _("Ouder\u00adapp"),
        Channel.SOCIAL: _("Sociale media"),
        Channel.PRINT: _("Druk\u00adwerk"),
        Channel.PRESS: _("Pers"),
        Channel.PARENTS_EVENING: _("Ouder\u00adavond"),
        Channel.CLASS_PHOTO: _("Groeps\u00adfoto"),
        Channel.CLASS_LIST: _("Klassen\u00adlijst"),
    }
    name = names[purpose.channel] if purpose.channel else _(purpose.title)
    return _("%(place)s bestuur", place=name) if purpose.level == "board" else name
