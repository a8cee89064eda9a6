"""The command line: the desktop without a word, everything else by name.

Exit codes: 0 done, 1 refused (a sentence says why), 2 wrong usage, 3 the environment has to
change (a sentence says how). Whatever else ends the program is a bug and shows where.

Nothing heavy is imported here: each command fetches what it needs, so that the window (and
``--help``) come quickly.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from clinic_desk import __version__, config, i18n
from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.errors import ClinicError, Invalid, Unavailable
from clinic_desk.rules.words import N_

if TYPE_CHECKING:
    from clinic_desk.services.store import Store

REFUSED, ENVIRONMENT = 1, 3  # 0 is done, and 2 is click's own for wrong usage

PASSPHRASE = "CLINIC_DESK_PASSPHRASE"  # noqa: S105 - the name of the variable

F = TypeVar("F", bound=Callable[..., Any])


class _Sentences(click.Group):
    """Turns our errors into a sentence on the error stream and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ClinicError as error:
            click.echo(i18n.localised(error), err=True)
            ctx.exit(ENVIRONMENT if isinstance(error, Unavailable) else REFUSED)


def _remember(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value and param.name:
        ctx.find_root().meta[f"clinic_desk.{param.name}"] = value


def common_options(command: F) -> F:
    """The options that stand before or after the name of a command alike."""
    for option in (
        click.option(
            "--database",
            metavar="URL",
            expose_value=False,
            callback=_remember,
            help=f"sqlite:///FILE or postgresql://USER@HOST/NAME (or {config.DATABASE_VARIABLE}).",
        ),
        click.option(
            "--language",
            metavar="TAG",
            expose_value=False,
            callback=_remember,
            help="Speak this language, such as de or pt_BR, instead of the system's.",
        ),
    ):
        command = option(command)
    return command


def _settings(ctx: click.Context) -> config.Config:
    """What this run goes by; wrong values are wrong usage."""
    meta = ctx.find_root().meta
    try:
        found = config.load(meta.get("clinic_desk.database"), meta.get("clinic_desk.language"))
    except Invalid as error:
        raise click.UsageError(i18n.localised(error), ctx) from error
    i18n.set_language(found.language or i18n.best(_system_languages()))
    return found


def _system_languages() -> list[str]:
    """What a terminal says about its user's language; windows ask Qt instead."""
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return [name.partition(".")[0] for name in names if name.partition(".")[0] not in ("", "C")]


def _open(url: str) -> Store:
    from clinic_desk.services.store import open_store

    return open_store(url)


def _make_folder(url: str) -> None:
    """Make the folder of a SQLite file, so that a first start needs no preparation."""
    path = config.sqlite_path(url)
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            N_("The folder {folder} could not be made."),
            way_out=N_("Choose another place with --database."),
            folder=str(path.parent),
        ) from error


def _qt_or_sentence() -> None:
    """Load Qt now, to say in words what a machine lacks."""
    try:
        import PySide6.QtWidgets  # noqa: F401 - only whether it loads
    except ImportError as error:
        raise Unavailable(
            N_("The window toolkit cannot be loaded: {reason}."),
            way_out=N_("Run “python3 installer/dev.py demo” once; it installs what is missing."),
            reason=str(error),
        ) from error


@click.group(
    cls=_Sentences,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@common_options
@click.version_option(__version__, prog_name="Clinic Desk")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Clinic Desk, a desktop scheduler for clinics. Without a command it opens the desktop."""
    for stream in (sys.stdout, sys.stderr):
        # An old Windows console knows few characters; a name must not end the program.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if ctx.invoked_subcommand is None:
        settings = _settings(ctx)
        _make_folder(settings.database)
        _qt_or_sentence()
        from clinic_desk.views.app import run_desktop

        ctx.exit(run_desktop(settings.database, language=settings.language or None))


@main.command()
@common_options
@click.option("--fresh", is_flag=True, help="Make the demo clinic anew, around today.")
@click.option("--no-window", is_flag=True, help="Only prepare it and say how to sign in.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON (with --no-window).")
@click.pass_context
def demo(ctx: click.Context, *, fresh: bool, no_window: bool, as_json: bool) -> None:
    """Open the desktop on a demo clinic, made at the first start."""
    if as_json and not no_window:
        raise click.UsageError("--json needs --no-window.", ctx)
    settings = _settings(ctx)
    url = settings.database if _names_database(ctx) else config.demo_database(settings.data_folder)
    _make_folder(url)
    if not no_window:
        _qt_or_sentence()
    from clinic_desk.services import demo as demo_clinic

    info = demo_clinic.prepare(url, fresh=fresh)
    if no_window:
        click.echo(demo_clinic.as_json(info) if as_json else demo_clinic.as_text(info))
        return
    from clinic_desk.views.app import run_desktop

    ctx.exit(run_desktop(url, language=settings.language or None))


def _names_database(ctx: click.Context) -> bool:
    """Whether a database was named for this run; the saved one is not for playing."""
    named = ctx.find_root().meta.get("clinic_desk.database")
    return bool(named or os.environ.get(config.DATABASE_VARIABLE))


@main.command()
@common_options
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--lang", "language", default=None, help="The language of the windows.")
@click.option("--dark", is_flag=True, help="In dark colours.")
@click.option("--scale", type=click.FloatRange(0.5, 4), default=1.0, help="Pixels per point.")
@click.option("--on-screen", is_flag=True, help="Show the windows on this screen meanwhile.")
@click.pass_context
def tour(
    ctx: click.Context,
    *,
    out: Path,
    language: str | None,
    dark: bool,
    scale: float,
    on_screen: bool,
) -> None:
    """Walk through the main jobs in the real windows, unseen, and save a picture of each step."""
    settings = _settings(ctx)
    # Before Qt is loaded: it reads these only once.
    if not on_screen:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = f"{scale:g}"
    # What a platform without a screen cannot do would be said at every window, between the steps.
    os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false;qt.text.font.db=false")
    _qt_or_sentence()
    from clinic_desk.views.tour import run

    url = settings.database if _names_database(ctx) else None
    ctx.exit(
        run(out, url=url, language=language or settings.language or None, dark=dark, scale=scale)
    )


@main.command()
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
    url = _settings(ctx).database
    _make_folder(url)
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


@main.command()
@common_options
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A backup whose ends of the history must still be there.",
)
@click.pass_context
def check(ctx: click.Context, *, against: Path | None) -> None:
    """Prove that a database is sound: schema, no overlaps, an unbroken history."""
    url = _settings(ctx).database
    from clinic_desk.services import backup as backing_up
    from clinic_desk.services import check as checking
    from clinic_desk.services.chain import Head

    heads: dict[str, Head] = {}
    if against is not None:
        manifest = backing_up.inspect(against, passphrase=_passphrase_of(against))
        heads = {name: Head(*head) for name, head in manifest.heads.items()}
    store = _open(url)
    try:
        report = checking.check(store, heads=heads)
    finally:
        store.close()
    for line in checking.lines(report):
        click.echo(i18n.filled(line.message, line.params))
    ctx.exit(0 if report.sound else REFUSED)


@main.command()
@common_options
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--encrypt", is_flag=True, help=f"Ask for a passphrase (or take it from {PASSPHRASE})."
)
@click.pass_context
def backup(ctx: click.Context, *, file: Path, encrypt: bool) -> None:
    """Write everything in a database to FILE, while others go on working."""
    url = _settings(ctx).database
    from clinic_desk.services import backup as backing_up

    passphrase = None
    if encrypt:
        passphrase = os.environ.get(PASSPHRASE) or click.prompt(
            _("Passphrase"), hide_input=True, confirmation_prompt=True, err=True
        )
    store = _open(url)
    try:
        with _progress() as progress:
            backing_up.backup(store, file, passphrase=passphrase, progress=progress)
    finally:
        store.close()
    click.echo(_("Saved in {file}.").format(file=file))


@main.command()
@common_options
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def restore(ctx: click.Context, *, file: Path) -> None:
    """Fill an empty database from FILE, a backup."""
    url = _settings(ctx).database
    _make_folder(url)
    from clinic_desk.services import backup as backing_up

    passphrase = _passphrase_of(file)
    with _progress() as progress:
        backing_up.restore(url, file, passphrase=passphrase, progress=progress)
    click.echo(_("Restored from {file}.").format(file=file))


def _passphrase_of(file: Path) -> str | None:
    """The passphrase of a backup that has one; never from the command line, which others see."""
    from clinic_desk.services import archive

    if not archive.is_sealed(file):
        return None
    given = os.environ.get(PASSPHRASE)
    return given or str(click.prompt(_("Passphrase"), hide_input=True, err=True))


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on the terminal's error stream; nothing where that is no terminal."""
    with click.progressbar(length=1, file=sys.stderr) as bar:

        def told(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield told


@main.command()
@common_options
@click.option("--patients", type=click.IntRange(1), default=2_000, show_default=True)
@click.option("--providers", type=click.IntRange(1), default=8, show_default=True)
@click.option("--appointments", type=click.IntRange(0), default=10_000, show_default=True)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed, the same data."
)
@click.pass_context
def fill(
    ctx: click.Context, *, patients: int, providers: int, appointments: int, seed: int
) -> None:
    """Add an organisation with realistic data at scale, to measure with."""
    url = _settings(ctx).database
    _make_folder(url)
    from clinic_desk.services import fill as filling
    from clinic_desk.services import upkeep

    upkeep.migrate(url, lambda _old, _new: False)
    store = _open(url)
    try:
        with _progress() as progress:
            done = filling.fill(
                store,
                patients=patients,
                providers=providers,
                appointments=appointments,
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


if __name__ == "__main__":
    main(prog_name="clinic-desk")
