"""The commands that look after a database: migrate, check, backup, restore, fill."""

from __future__ import annotations

import os
from pathlib import Path

import click

from clinic_desk import config, i18n
from clinic_desk.command_line import (
    REFUSED,
    common_options,
    database_of,
    existing,
    make_folder,
    opened,
    progress_bar,
)
from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.errors import Refused
from clinic_desk.rules.words import N_

PASSPHRASE = "CLINIC_DESK_PASSPHRASE"  # noqa: S105 - the name of the variable


@click.command()
@common_options
@click.option("--yes", is_flag=True, help="Upgrade without asking.")
@click.option(
    "--grant",
    is_flag=True,
    help="On PostgreSQL: also make the role of the desks, with no more rights than they need.",
)
@click.pass_context
def migrate(ctx: click.Context, *, yes: bool, grant: bool) -> None:
    """Make a database new, or bring an older one up to this program after asking."""
    url = database_of(ctx)
    make_folder(url)
    from clinic_desk.services import upkeep

    def wanted(found: int, known: int) -> bool:
        if config.sqlite_path(url) is None:
            click.echo(_("Make a backup of the server's database first."))
        question = _("Upgrade the database from schema {found} to {known}?")
        return yes or click.confirm(question.format(found=found, known=known))

    done = upkeep.migrate(url, wanted)
    if done.copy is not None:
        click.echo(_("The database as it was is kept in {file}.").format(file=done.copy))
    if done.steps:
        count = len(done.steps)
        text = ngettext("{count} step done: {names}", "{count} steps done: {names}", count)
        click.echo(text.format(count=count, names=", ".join(done.steps)))
    else:
        click.echo(_("The database is up to date."))
    if grant:
        role = upkeep.grant_desks(url)
        text = _("Desks may now use the role {role}: GRANT {role} TO their users.")
        click.echo(text.format(role=role))


@click.command()
@common_options
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A backup whose ends of the history must still be there.",
)
@click.pass_context
def check(ctx: click.Context, *, against: Path | None) -> None:
    """Prove that a database is sound: schema, nobody booked twice unless on purpose, history."""
    url = database_of(ctx)
    from clinic_desk.services import backup as backing_up
    from clinic_desk.services import check as checking
    from clinic_desk.services.chain import Head

    heads: dict[str, Head] = {}
    if against is not None:
        manifest = backing_up.inspect(against, passphrase=_passphrase_of(against))
        heads = {name: Head(*head) for name, head in manifest.heads.items()}
    store = existing(url)
    click.echo(_("Database: {where}").format(where=config.shown(url)))
    try:
        report = checking.check(store, heads=heads)
    finally:
        store.close()
    for line in checking.lines(report):
        click.echo(i18n.filled(line.message, line.params))
    ctx.exit(0 if report.sound else REFUSED)


@click.command()
@common_options
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--encrypt", is_flag=True, help=f"Ask for a passphrase (or take it from {PASSPHRASE})."
)
@click.option("--force", is_flag=True, help="Replace an older backup of that name.")
@click.pass_context
def backup(ctx: click.Context, *, file: Path, encrypt: bool, force: bool) -> None:
    """Write everything in a database to FILE, while others go on working."""
    url = database_of(ctx)
    if file.exists() and not force:
        raise Refused(
            N_("There is a file {file} already."),
            way_out=N_("Choose another name, or replace it with --force."),
            file=str(file),
        )
    from clinic_desk.services import backup as backing_up

    passphrase = None
    if encrypt:
        passphrase = os.environ.get(PASSPHRASE) or click.prompt(
            _("Passphrase"), hide_input=True, confirmation_prompt=True, err=True
        )
    store = existing(url)
    try:
        with progress_bar() as progress:
            backing_up.backup(store, file, passphrase=passphrase, progress=progress)
    finally:
        store.close()
    click.echo(_("Saved in {file}.").format(file=file))


@click.command()
@common_options
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def restore(ctx: click.Context, *, file: Path) -> None:
    """Fill an empty database from FILE, a backup."""
    url = database_of(ctx)
    make_folder(url)
    from clinic_desk.services import backup as backing_up

    passphrase = _passphrase_of(file)
    with progress_bar() as progress:
        backing_up.restore(url, file, passphrase=passphrase, progress=progress)
    click.echo(_("Restored from {file}.").format(file=file))


def _passphrase_of(file: Path) -> str | None:
    """The passphrase of a backup that has one; never from the command line, which others see."""
    from clinic_desk.services import archive

    if not archive.is_sealed(file):
        return None
    given = os.environ.get(PASSPHRASE)
    return given or str(click.prompt(_("Passphrase"), hide_input=True, err=True))


@click.command()
@common_options
@click.option("--patients", type=click.IntRange(1), default=2_000, show_default=True)
@click.option("--providers", type=click.IntRange(1), default=8, show_default=True)
@click.option("--appointments", type=click.IntRange(0), default=10_000, show_default=True)
@click.option(
    "--together",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="So many providers at each location.",
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed, the same data."
)
@click.option("--yes", is_flag=True, help="Also into a database that holds records.")
@click.pass_context
def fill(
    ctx: click.Context,
    *,
    patients: int,
    providers: int,
    appointments: int,
    together: int,
    seed: int,
    yes: bool,
) -> None:
    """Add an organisation with realistic data at scale, to measure with."""
    url = database_of(ctx)
    make_folder(url)
    from clinic_desk.services import fill as filling
    from clinic_desk.services import upkeep

    upkeep.migrate(url, lambda _old, _new: False)
    store = opened(url)
    try:
        if not yes and store.rows("SELECT 1 FROM organisation LIMIT 1"):
            raise Refused(
                N_("This database holds records already: {where}."),
                way_out=N_("Name an empty one with --database, or say --yes to add to it."),
                where=config.shown(url),
            )
        with progress_bar() as progress:
            done = filling.fill(
                store,
                patients=patients,
                providers=providers,
                appointments=appointments,
                together=together,
                seed=seed,
                progress=progress,
            )
    finally:
        store.close()
    summary = _("{appointments} appointments of {patients} patients from {first} to {last}.")
    click.echo(
        summary.format(
            appointments=i18n.number_text(done.appointments),
            patients=i18n.number_text(done.patients),
            first=i18n.date_text(done.first_day),
            last=i18n.date_text(done.last_day),
        )
    )
    signing_in = _("Sign in as {user} with the password {password}.")
    click.echo(signing_in.format(user=done.user, password=done.password))
