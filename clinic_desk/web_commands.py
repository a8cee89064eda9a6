"""The commands for other programs: serve the API, and give out tokens for it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from clinic_desk import config
from clinic_desk.command_line import common_options, existing, settings_of
from clinic_desk.i18n import _
from clinic_desk.rules.errors import Disconnected, Invalid, Unavailable
from clinic_desk.rules.scopes import SCOPES
from clinic_desk.rules.words import N_

if TYPE_CHECKING:
    from clinic_desk.services.store import Store

NO_EVENT = N_("There is no event “{event}”; there are: {known}.")


def _found(url: str) -> Store:
    """The database at *url*, opened. Where its server lets nobody in, it is said why: whoever
    starts a program has nothing to save, and it does not come again by itself.
    """
    try:
        return existing(url)
    except Disconnected as error:
        cause: BaseException = error
        while cause.__cause__ is not None:
            cause = cause.__cause__
        said = str(cause).partition("\n")[0]
        raise Unavailable(
            N_("The database cannot be reached ({detail})."),
            way_out=N_("Check its address, its user and password, and that its server runs."),
            detail=said.rpartition("FATAL:")[2].strip() or error.message,
        ) from error


@click.command()
@common_options
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="0 is one that is free.",
)
@click.option(
    "--rate",
    type=click.IntRange(0, 1_000_000),
    default=600,
    show_default=True,
    help="How often a token may ask in a minute; 0 sets no limit.",
)
@click.option(
    "--send/--no-send",
    default=True,
    show_default=True,
    help="Send letters and call webhooks from here too, as each desk does.",
)
@click.pass_context
def serve(ctx: click.Context, *, host: str, port: int, rate: int, send: bool) -> None:
    """Let other programs book over HTTP, until Ctrl+C."""
    url = settings_of(ctx).database
    from clinic_desk.web import sending, server

    store = _found(url)
    try:
        with server.listening(host, port) as at:
            place = f"[{host}]" if ":" in host else host
            address = f"http://{place}:{at.getsockname()[1]}/api/v1"

            def ready() -> None:
                click.echo(_("Database: {where}").format(where=config.shown(url)))
                told = _("Serving at {address} until Ctrl+C; {page} describes all calls.")
                click.echo(told.format(address=address, page=f"{address}/openapi.json"))

            with sending.sending(store) if send else contextlib.nullcontext():
                server.serve(store, at, rate=rate, ready=ready)
    finally:
        store.close()


@click.command("webhook-key")
@common_options
@click.argument("organisation", metavar="ORG")
@click.pass_context
def webhook_key(ctx: click.Context, *, organisation: str) -> None:
    """Let this computer call the webhooks of ORG (its uuid or name): asks for their key, which a
    desk copies under Admin, Webhooks, and keeps it in the safe of whoever runs this.
    """
    store = _found(settings_of(ctx).database)
    try:
        from clinic_desk.services import tokens, webhooks

        found = tokens.organisation_named(store, organisation)
        key = click.prompt(_("Key"), hide_input=True, err=True)
        webhooks.enter_key(tokens.at_the_console(store, found.id), key)
    finally:
        store.close()
    click.echo(_("This computer calls the webhooks of {name} now.").format(name=found.name))


@click.command()
@common_options
@click.argument("organisation", metavar="ORG")
@click.argument("url")
@click.option(
    "--event", "events", multiple=True, help="Of what it is told, several times; else of all."
)
@click.option("--inside", is_flag=True, help="The program runs in the clinic's own network.")
@click.pass_context
def webhook(
    ctx: click.Context, *, organisation: str, url: str, events: tuple[str, ...], inside: bool
) -> None:
    """Tell the program at URL what changes in ORG (its uuid or name) from now on, and print the
    secret of its signatures, this once.
    """
    store = _found(settings_of(ctx).database)
    try:
        from clinic_desk.services import changes, tokens, webhooks

        if unknown := [event for event in events if event not in changes.EVENTS]:
            raise Invalid("events", NO_EVENT, event=unknown[0], known=", ".join(changes.EVENTS))
        found = tokens.organisation_named(store, organisation)
        actor = tokens.at_the_console(store, found.id)
        wanted = events or changes.EVENTS
        made = webhooks.add(actor, url=url, events=wanted, inside=inside).value
    finally:
        store.close()
    click.echo(
        _(
            "This computer calls {url} as long as it serves or a desk is open. Keep the secret"
            " safe: it is shown this once."
        ).format(url=made.card.url),
        err=True,
    )
    click.echo(made.secret)


@click.command()
@common_options
@click.argument("organisation", metavar="ORG")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(list(SCOPES)),
    help="What the program may do; may be given several times.",
)
@click.option("--name", default="API", show_default=True, help="What the token is for.")
@click.option(
    "--role", metavar="NAME", help="A role of ORG: the program may do no more than that role."
)
@click.pass_context
def token(
    ctx: click.Context, *, organisation: str, scopes: tuple[str, ...], name: str, role: str | None
) -> None:
    """Make a token for ORG (its uuid or name) and print it, this once."""
    store = _found(settings_of(ctx).database)
    try:
        from clinic_desk.services import tokens

        found = tokens.organisation_named(store, organisation)
        actor = tokens.at_the_console(store, found.id)
        role_id = tokens.role_named(actor, role) if role else None
        made = tokens.create(actor, name=name, scopes=scopes, role_id=role_id).value
    finally:
        store.close()
    # The token alone on the output, so that it can be piped where it belongs.
    click.echo(
        _("Organisation {uuid} ({name}). Keep the token safe: it is shown this once.").format(
            uuid=found.uuid, name=found.name
        ),
        err=True,
    )
    click.echo(made.text)
