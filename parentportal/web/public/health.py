"""What a load balancer asks: whether the process lives, and whether it can serve; without detail (control D15)."""

from flask import Response

from parentportal import migrations
from parentportal.access import ANYONE, allow
from parentportal.web.portal import reading
from parentportal.web.public.room import blueprint


@blueprint.get("/livez")
@allow(ANYONE)
def livez() -> Response:
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@allow(ANYONE)
def readyz() -> Response:
    """Ready when the database answers and has the schema of this version."""
    with reading() as session:
        ready = migrations.current(session.connection()) == migrations.head()
    return Response("ok\n" if ready else "schema\n", status=200 if ready else 503, mimetype="text/plain")
