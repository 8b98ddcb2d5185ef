"""`parentportal serve`: the portal for browsers, on Granian."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from parentportal import migrations
from parentportal.cli.answers import say
from parentportal.cli.database import level
from parentportal.cli.logs import logging_config
from parentportal.cli.opening import opened
from parentportal.db import Database
from parentportal.outside.turns import in_turns

#: Seconds that a worker gets to finish what it is doing.
GRACE = 10
WATCH_EVERY = 0.5
WORKERS = 2
#: So many requests compute at once in one process (`outside/turns.py`).
THREADS = 2
#: So many more may be waiting meanwhile, for a password to be hashed or for their turn.
WAITING = 64


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Het adres waarop het portaal luistert.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=WORKERS, show_default=True, type=click.IntRange(1, 64), help="Aantal processen.")
@click.option("--threads", default=THREADS, show_default=True, type=click.IntRange(1, 64), help="Tegelijk per proces.")
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Beantwoord browsers. Weigert te starten met onveilige instellingen of een database die achterloopt."""
    with opened() as portal:
        refuse_other_schema(portal.database)
        settings = portal.settings
    refuse_taken(host, port)
    say(f"Kijkglas luistert op {host}:{port}; mensen vinden het op {settings.base_url}.")
    serve_until_stopped(host, port, workers=workers, threads=threads, log_level=settings.log_level)


def refuse_taken(host: str, port: int) -> None:
    """End the command when nothing can listen there: Granian itself would end with a stack trace."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Op {host}:{port} kan het portaal niet luisteren. Kies een andere --port of --host."
            ) from error


def refuse_other_schema(database: Database) -> None:
    """End the command when the tables are not those of this version."""
    now, wanted = level(database), migrations.head()
    if now != wanted:
        raise click.ClickException(
            f"De database staat op stap {now or 'base'}, deze versie verwacht {wanted}."
            " Maak een back-up en doe dan “parentportal db upgrade”."
        )


def serve_until_stopped(host: str, port: int, *, workers: int, threads: int, log_level: str) -> None:
    """Serve the portal of the environment until SIGTERM or SIGINT.

    A worker that fails is replaced, and no worker outlives this process. There is no access log: paths can say
    something about a person.
    """
    import_module("parentportal.app")  # before the workers part from this process: none of them loads it again
    parent = os.getpid()
    run_granian(
        lambda: in_turns(_load(parent), threads), host, port, workers=workers, threads=WAITING, log_level=log_level
    )


def run_granian(
    load: Callable[[], Callable[..., Any]], host: str, port: int, *, workers: int, threads: int, log_level: str
) -> None:
    """Granian with the portal's settings, serving what each worker loads."""
    server = Granian(
        "parentportal.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE,
        websockets=False,
        log_access=False,
        log_level=LogLevels(log_level.lower()),
        log_dictconfig=logging_config(log_level),
    )
    server.serve(target_loader=load, wrap_loader=False)


def _load(parent: int) -> Callable[..., Any]:
    """Runs in each worker, before its first request."""
    threading.Thread(target=_leave_with, args=(parent,), name="leave with parent", daemon=True).start()
    from parentportal.wsgi import application

    return application


def _leave_with(parent: int) -> None:
    """Stop this worker when its parent is gone: whoever is killed outright cannot tell its workers."""
    while os.getppid() == parent:
        time.sleep(WATCH_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)
