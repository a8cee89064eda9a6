"""What all commands of the command line share: options, the database, progress."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import click

from clinic_desk import config, i18n
from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError, Invalid, Unavailable
from clinic_desk.rules.words import N_

if TYPE_CHECKING:
    from clinic_desk.services.store import Store

REFUSED, ENVIRONMENT = 1, 3  # 0 is done, and 2 is click's own for wrong usage

KEEP_IT = N_(
    "Sign in to this server once at the desk of this computer and let it keep the password, or"
    " write it into PostgreSQL’s own password file (PGPASSFILE)."
)

F = TypeVar("F", bound=Callable[..., Any])


def remember(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    """Keep an option for the command, wherever on the line it stood."""
    if value and param.name:
        ctx.find_root().meta[f"clinic_desk.{param.name}"] = value


def common_options(command: F) -> F:
    """The options that stand before or after the name of a command alike."""
    for option in (
        click.option(
            "--database",
            metavar="URL",
            expose_value=False,
            callback=remember,
            help=f"sqlite:///FILE or postgresql://USER@HOST/NAME (or {config.DATABASE_VARIABLE}).",
        ),
        click.option(
            "--language",
            metavar="TAG",
            expose_value=False,
            callback=remember,
            help="Speak this language, such as de or pt_BR, instead of the system's.",
        ),
    ):
        command = option(command)
    return command


def settings_of(ctx: click.Context) -> config.Config:
    """What this run goes by; wrong values are wrong usage."""
    meta = ctx.find_root().meta
    try:
        found = config.load(meta.get("clinic_desk.database"), meta.get("clinic_desk.language"))
    except Invalid as error:
        raise click.UsageError(i18n.localised(error), ctx) from error
    if found.language and not i18n.speaks(found.language):
        known = ", ".join(i18n.available())
        raise click.UsageError(f"No texts in the language {found.language!r}; there are {known}.")
    i18n.set_language(found.language or i18n.best(_system_languages()))
    return found


def _system_languages() -> list[str]:
    """What a terminal says about its user's language; windows ask Qt instead."""
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return [name.partition(".")[0] for name in names if name.partition(".")[0] not in ("", "C")]


def database_of(ctx: click.Context) -> str:
    """The database of this run, with the password that it takes: see :func:`with_password`."""
    return with_password(settings_of(ctx).database)


def with_password(url: str) -> str:
    """*url* with the password that this computer keeps for that server, as a desk takes it: from
    the keyring, or the file that only this user may read. Where none is kept, PostgreSQL's own
    ways hold (PGPASSWORD, its password file); only where they do not do, and somebody sits at a
    terminal, it is asked for.

    Raises ``ServerTrouble`` where the server wants one and nobody can be asked, ``Refused`` for
    a file of passwords that others may read.
    """
    if config.sqlite_path(url) is not None or config.without_password(url) != url:
        return url
    from clinic_desk.services import safe

    secret = safe.recall(config.password_name(url))
    known = url if secret is None else config.with_password(url, secret)
    trouble = _wants_password(known)
    if trouble is None:
        return known
    if not sys.stdin.isatty():
        trouble.way_out = KEEP_IT
        raise trouble
    asked = _("Password of {user} at {host}").format(**_who(url))
    return config.with_password(url, click.prompt(asked, hide_input=True, err=True))


def _wants_password(url: str) -> ClinicError | None:
    """What the server says where a password would help; what else is wrong, a command tells."""
    from clinic_desk.services import server_check

    if not urlsplit(url).hostname:  # a socket of this computer: it knows who asks
        return None
    try:
        server_check.try_out(url)
    except server_check.ServerTrouble as trouble:
        return trouble if trouble.field == "password" else None
    except ClinicError:
        return None
    return None


def _who(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    return {"user": parts.username or "", "host": parts.hostname or ""}


def opened(url: str) -> Store:
    """The database at *url*, opened; a server's with its password (:func:`with_password`)."""
    from clinic_desk.services.store import open_store

    return open_store(with_password(url))


def make_folder(url: str) -> None:
    """Make the folder of a SQLite file, so that a first start needs no preparation."""
    path = config.sqlite_path(url)
    if path is None:
        return
    own = path.parent == config.data_folder()
    try:
        # Elsewhere no more than one: a mistyped path must not become a tree of folders.
        path.parent.mkdir(parents=own, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            N_("The folder {folder} could not be made."),
            way_out=N_("Choose another place with --database."),
            folder=str(path.parent),
        ) from error


def existing(url: str) -> Store:
    """Open a database that must be there: a mistyped path does not become a new file."""
    path = config.sqlite_path(url)
    if path is not None and not path.exists():
        raise Unavailable(
            N_("There is no database at {file}."),
            way_out=N_("Check the path. “clinic-desk migrate” would make a new one there."),
            file=str(path),
        )
    return opened(url)


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar on the terminal's error stream; nothing where that is no terminal."""
    with click.progressbar(length=1, file=sys.stderr) as bar:

        def told(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield told


def names_database(ctx: click.Context) -> bool:
    """Whether a database was named for this run; the saved one is not for playing."""
    named = ctx.find_root().meta.get("clinic_desk.database")
    return bool(named or os.environ.get(config.DATABASE_VARIABLE))
