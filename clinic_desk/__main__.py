"""The command line: the desktop without a word, everything else by name.

Exit codes: 0 done, 1 refused (a sentence says why), 2 wrong usage, 3 the environment has to
change (a sentence says how). Whatever else ends the program is a bug and shows where.

Nothing heavy is imported here: each command fetches what it needs, so that the window (and
``--help``) come quickly.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from clinic_desk import __version__, config, data_commands, i18n, web_commands
from clinic_desk.command_line import (
    ENVIRONMENT,
    REFUSED,
    common_options,
    make_folder,
    names_database,
    remember,
    settings_of,
)
from clinic_desk.rules.errors import ClinicError, Unavailable
from clinic_desk.rules.words import N_


class _Sentences(click.Group):
    """Turns our errors into a sentence on the error stream and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ClinicError as error:
            click.echo(i18n.localised(error), err=True)
            ctx.exit(ENVIRONMENT if isinstance(error, Unavailable) else REFUSED)


def _window_or_sentence() -> None:
    """Say in words what a machine lacks before Qt ends the program."""
    from clinic_desk.views.screen import require_screen

    _qt_or_sentence()
    require_screen()


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
    os.umask(0o077)  # records of patients are for this user's eyes; Windows has its own rights
    for stream in (sys.stdout, sys.stderr):
        # An old Windows console knows few characters; a name must not end the program.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if ctx.invoked_subcommand is None:
        settings = settings_of(ctx)
        _window_or_sentence()
        make_folder(settings.database)
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
    settings = settings_of(ctx)
    url = settings.database if names_database(ctx) else config.demo_database(settings.data_folder)
    if not no_window:
        _window_or_sentence()
    make_folder(url)
    from clinic_desk.services import demo as demo_clinic

    info = demo_clinic.prepare(url, fresh=fresh)
    if no_window:
        click.echo(demo_clinic.as_json(info) if as_json else demo_clinic.as_text(info))
        return
    from clinic_desk.views.app import run_desktop

    ctx.exit(run_desktop(url, language=settings.language or None))


@main.command()
@common_options
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--lang",
    "language",
    metavar="TAG",
    expose_value=False,
    callback=remember,
    help="Like --language.",
)
@click.option("--dark", is_flag=True, help="In dark colours.")
@click.option("--scale", type=click.FloatRange(0.5, 4), default=1.0, help="Pixels per point.")
@click.option("--on-screen", is_flag=True, help="Show the windows on this screen meanwhile.")
@click.pass_context
def tour(
    ctx: click.Context,
    *,
    out: Path,
    dark: bool,
    scale: float,
    on_screen: bool,
) -> None:
    """Walk through the main jobs in the real windows, unseen, and save a picture of each step."""
    settings = settings_of(ctx)
    # Before Qt is loaded: it reads these only once.
    if not on_screen:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = f"{scale:g}"
    # What a platform without a screen cannot do would be said at every window, between the steps.
    os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false;qt.text.font.db=false")
    _qt_or_sentence()
    from clinic_desk.views.tour import run

    url = settings.database if names_database(ctx) else None
    ctx.exit(run(out, url=url, language=settings.language or None, dark=dark, scale=scale))


for command in (
    data_commands.migrate,
    data_commands.check,
    data_commands.backup,
    data_commands.restore,
    data_commands.fill,
    web_commands.serve,
    web_commands.token,
    web_commands.webhook,
    web_commands.webhook_key,
):
    main.add_command(command)


if __name__ == "__main__":
    main(prog_name="clinic-desk")
