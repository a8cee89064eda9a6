"""Where this program keeps its things and which database it opens.

The same whether it runs from source or frozen. A value is taken from the first of: the
command line, the environment, what was saved on this machine, the default.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from clinic_desk.rules.errors import Invalid, Unavailable
from clinic_desk.rules.words import N_

DATABASE_VARIABLE = "CLINIC_DESK_DATABASE"
LANGUAGE_VARIABLE = "CLINIC_DESK_LANGUAGE"
HOME_VARIABLE = "CLINIC_DESK_HOME"

_SCHEMES = ("sqlite", "postgresql")
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z]{4})?([-_]([A-Za-z]{2}|\d{3}))?")


@dataclass(frozen=True, slots=True)
class Config:
    """What one run of the program goes by.

    ``language`` is a tag such as ``pt_BR``, or empty to follow the system.
    """

    database: str
    language: str
    data_folder: Path


def load(
    database: str | None = None,
    language: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Config:
    """The configuration of this run; arguments win over environment and saved settings.

    Raises:
        Invalid: a database URL or a language that makes no sense.
    """
    environ = os.environ if environ is None else environ
    folder = data_folder(environ)
    saved = saved_settings(environ)
    url = database or environ.get(DATABASE_VARIABLE) or saved.get("database")
    tag = language or environ.get(LANGUAGE_VARIABLE) or saved.get("language") or ""
    return Config(
        database=checked_url(url) if url else default_database(folder),
        language=checked_language(tag),
        data_folder=folder,
    )


def is_frozen() -> bool:
    """Whether this is the packaged program and not a checkout."""
    return bool(getattr(sys, "frozen", False))


def resources_folder() -> Path:
    """Where theme, icons, templates and catalogues lie, frozen or not."""
    return Path(__file__).resolve().parent / "resources"


def data_folder(environ: Mapping[str, str] | None = None) -> Path:
    """The user's own folder for databases, settings and logs; it need not exist yet."""
    environ = os.environ if environ is None else environ
    if chosen := environ.get(HOME_VARIABLE):
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("Clinic Desk", appauthor=False))


def default_database(folder: Path) -> str:
    """The URL of the SQLite file that is opened when nobody says otherwise."""
    return sqlite_url(folder / "clinic.db")


def demo_database(folder: Path) -> str:
    """The URL of the demo clinic's SQLite file."""
    return sqlite_url(folder / "demo.db")


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file; ``sqlite:////srv/clinic.db``, on Windows ``sqlite:///C:/clinic.db``."""
    return f"sqlite:///{path.absolute().as_posix()}"


def sqlite_path(url: str) -> Path | None:
    """The file behind a SQLite URL; None for another database."""
    if not url.startswith("sqlite:///"):
        return None
    return Path(url.removeprefix("sqlite:///"))


def checked_url(url: str) -> str:
    """*url* without blanks around it, if it names a database that we can open.

    Raises:
        Invalid: another kind of database, or a URL without file or host.
    """
    url = url.strip()
    scheme = url.partition(":")[0]
    if scheme == "postgres":  # what libpq and many hosts write
        url, scheme = f"postgresql{url.removeprefix('postgres')}", "postgresql"
    if scheme not in _SCHEMES:
        raise Invalid(
            "database",
            N_("“{url}” names no database: it must begin with sqlite:/// or postgresql://."),
            url=shown(url),
        )
    path = sqlite_path(url)
    if scheme == "sqlite" and (path is None or not path.name):
        raise Invalid("database", N_("“{url}” names no file."), url=url)
    if scheme == "postgresql" and len(urlsplit(url).path) < 2:
        raise Invalid("database", N_("“{url}” names no database on the server."), url=shown(url))
    return url


def checked_language(tag: str) -> str:
    """*tag* in the form of our catalogues (``pt_BR``); empty stays empty.

    Raises:
        Invalid: *tag* is no language tag.
    """
    tag = tag.strip().partition(".")[0]
    if tag in ("", "C", "POSIX"):
        return ""
    if not _LANGUAGE_TAG.fullmatch(tag):
        raise Invalid("language", N_("“{tag}” is no language; write de or pt_BR."), tag=tag)
    language, *rest = tag.replace("-", "_").split("_")
    return "_".join(
        [language.lower(), *(part.title() if len(part) == 4 else part.upper() for part in rest)]
    )


def shown(url: str) -> str:
    """*url* with its password hidden, fit for a screen, a log or a file."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:•••@{host}"))


def without_password(url: str) -> str:
    """*url* as it may be saved: libpq then asks its own password file."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}@{host}"))


def with_password(url: str, secret: str) -> str:
    """*url* with *secret* as its password, whatever signs that has."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    who = f"{user.partition(':')[0]}:{quote(secret, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{who}@{host}"))


def password_name(url: str) -> str:
    """Under which name this computer's safe has the password of the server at *url*."""
    parts = urlsplit(url)
    return f"database-{parts.username or ''}@{parts.hostname or ''}:{parts.port or 5432}"


def saved_settings(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """What was saved on this machine; empty where nothing was, or nothing that can be read.

    A damaged file costs the settings, never the start of the program.
    """
    try:
        values = json.loads(_settings_file(environ).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(values, dict):
        return {}
    return {name: value for name, value in values.items() if isinstance(value, str)}


def save_settings(
    *,
    database: str | None = None,
    language: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> None:
    """Remember what is given for the next start; a password is never written.

    Raises:
        Unavailable: the data folder cannot be written.
    """
    values = saved_settings(environ)
    if database is not None:
        values["database"] = without_password(checked_url(database))
    if language is not None:
        values["language"] = checked_language(language)
    file = _settings_file(environ)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", "utf-8")
        draft.replace(file)
    except OSError as error:
        raise Unavailable(
            N_("The settings could not be saved in {folder}."),
            way_out=N_("Make this folder writable, or name another one in {variable}."),
            folder=str(file.parent),
            variable=HOME_VARIABLE,
        ) from error


def _settings_file(environ: Mapping[str, str] | None) -> Path:
    return data_folder(environ) / "settings.json"
