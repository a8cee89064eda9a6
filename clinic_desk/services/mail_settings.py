"""How the organisation's mails leave: server, sender, delay, reminders, what may be told.

They are one shared setting, so they are in the history and the same on every desk. The
password is not among them: each computer that sends keeps it in its own safe.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from clinic_desk.models.people import Setting
from clinic_desk.rules import fold
from clinic_desk.rules.clinic_time import DAY_MINUTES
from clinic_desk.rules.errors import Invalid, Stale
from clinic_desk.rules.words import N_
from clinic_desk.services import lengths, mailer, safe
from clinic_desk.services import rows as r
from clinic_desk.services import settings as shared
from clinic_desk.services.actor import Actor
from clinic_desk.services.letter_texts import Kind
from clinic_desk.services.mailer import LOCAL, MailServer, Security
from clinic_desk.services.safe import Place
from clinic_desk.services.store import Store
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work, command, query

NAME = "mail"
LONGEST_DELAY_SECONDS = 3600
MOST_REMINDERS = 5
LONGEST_AHEAD_HOURS = 14 * 24
ALWAYS = frozenset({str(Kind.CODE), str(Kind.REPORT)})
"""Nobody switches these off: each is sent because somebody asked for this very one."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The organisation's wishes. Without ``host`` no message is written at all.

    ``delay_seconds`` is how long a message waits for an undo, ``reminder_hours`` how long
    before a visit each reminder goes out. Between the minutes ``quiet_from`` and
    ``quiet_until`` of the location's wall day no reminder leaves (alike: always).
    ``silent`` are kinds that are not sent; ``language`` is for patients without one.
    """

    host: str = ""
    port: int = 587
    security: Security = Security.STARTTLS
    user: str = ""
    sender: str = ""
    sender_name: str = ""
    reply_to: str = ""
    certificate: str = ""
    language: str = ""
    delay_seconds: int = 60
    reminder_hours: tuple[int, ...] = (24,)
    quiet_from: int = 20 * 60
    quiet_until: int = 8 * 60
    most_tries: int = 10
    silent: tuple[str, ...] = ()
    tell_provider: bool = True
    tell_type: bool = False

    @property
    def ready(self) -> bool:
        """Whether messages are sent at all."""
        return bool(self.host and self.sender)

    def sends(self, kind: str) -> bool:
        """Whether messages of *kind* are sent."""
        return self.ready and (kind in ALWAYS or kind not in self.silent)


@query("Appointment Get All")
def get(actor: Actor) -> MailSettings:
    """The organisation's settings as they stand; the defaults where nothing was saved."""
    return load(actor.store, actor.organisation_id)


@command(shared.SHARING, action="mail.settings")
def save(
    work: Work,
    settings: MailSettings,
    *,
    before: MailSettings | None = None,
    request_id: str | None = None,
) -> MailSettings:
    """Keep *settings* for the organisation. Raises ``Invalid`` naming the field, and ``Stale``
    with the present ones where *before* (what was changed) is given and holds no longer.
    """
    tidy = checked(settings)
    text = json.dumps(_plain(tidy), ensure_ascii=False, sort_keys=True)
    (found,) = work.lock(statement(work.organisation_id))
    present = read(found)
    if before is not None and present not in (before, tidy):
        raise Stale(present)
    if found:
        work.change(r.row(Setting, found[0]), value=text)
    else:
        work.create(Setting, user_id=None, name=NAME, value=text)
    return tidy


def load(store: Store, organisation_id: int) -> MailSettings:
    """The settings for whoever sends, without a signed-in user; one query."""
    wanted = statement(organisation_id)
    return read(store.rows(wanted.sql, wanted.parameters))


def statement(organisation_id: int) -> Statement:
    """For a lock: the row that :func:`read` reads."""
    return Statement(
        f"{r.selecting(Setting)} WHERE organisation_id = ? AND COALESCE(user_id, 0) = 0"
        " AND name = ?",
        (organisation_id, NAME),
    )


def read(found: Rows) -> MailSettings:
    """The settings in the answer to :func:`statement`; what is unknown is passed over."""
    if not found:
        return MailSettings()
    values: dict[str, Any] = json.loads(r.row(Setting, found[0]).value)
    known = {f.name for f in dataclasses.fields(MailSettings)}
    kept = {k: v for k, v in values.items() if k in known}
    return MailSettings(
        **kept
        | {
            "security": Security(kept.get("security", Security.STARTTLS)),
            "reminder_hours": tuple(kept.get("reminder_hours", (24,))),
            "silent": tuple(kept.get("silent", ())),
        }
    )


def checked(settings: MailSettings) -> MailSettings:
    """*settings* without blanks around texts. Raises ``Invalid`` naming the field."""
    texts = {
        f.name: fold.clean(
            f.name,
            str(getattr(settings, f.name)),
            lines=f.name == "certificate",
            longest=lengths.CERTIFICATE if f.name == "certificate" else lengths.ADDRESS,
        )
        for f in dataclasses.fields(settings)
        if f.type == "str"
    }
    tidy = dataclasses.replace(
        settings,
        **texts,  # type: ignore[arg-type]
        reminder_hours=tuple(sorted(set(settings.reminder_hours), reverse=True)),
        silent=tuple(sorted(set(settings.silent))),
    )
    if not 1 <= tidy.port <= 65535:
        raise Invalid("port", N_("A port is a number from 1 to 65535."))
    if tidy.security is Security.NONE and tidy.host and tidy.host.lower() not in LOCAL:
        raise Invalid(
            "security", N_("Only a server on this very computer may be reached unencrypted.")
        )
    for name in ("sender", "reply_to"):
        value = getattr(tidy, name)
        if value or (name == "sender" and tidy.host):
            mailer.address(value, name)
    if not tidy.sender_name.isprintable():
        raise Invalid("sender_name", N_("The sender’s name has one line."))
    _check_times(tidy)
    unknown = set(tidy.silent) - {str(kind) for kind in Kind}
    if unknown:
        raise Invalid("silent", N_("There is no message called “{kind}”."), kind=min(unknown))
    return tidy


def _check_times(settings: MailSettings) -> None:
    if not 0 <= settings.delay_seconds <= LONGEST_DELAY_SECONDS:
        raise Invalid("delay_seconds", N_("The delay is an hour at most."))
    if not 1 <= settings.most_tries <= 50:
        raise Invalid("most_tries", N_("A message is tried 1 to 50 times."))
    hours = settings.reminder_hours
    if len(hours) > MOST_REMINDERS or not all(1 <= h <= LONGEST_AHEAD_HOURS for h in hours):
        raise Invalid(
            "reminder_hours",
            N_("There are {most} reminders at most, each 1 to {hours} hours before."),
            most=MOST_REMINDERS,
            hours=LONGEST_AHEAD_HOURS,
        )
    for name in ("quiet_from", "quiet_until"):
        if not 0 <= getattr(settings, name) < DAY_MINUTES:
            raise Invalid(name, N_("A time of day lies between 0:00 and 23:59."))


def _plain(settings: MailSettings) -> dict[str, Any]:
    values = {f.name: getattr(settings, f.name) for f in dataclasses.fields(settings)}
    return values | {
        "security": str(settings.security),
        "reminder_hours": list(settings.reminder_hours),
        "silent": list(settings.silent),
    }


# The password ----------------------------------------------------------------------------


def keep_password(actor: Actor, password: str, place: Place = Place.KEYRING) -> None:
    """Keep the mail server's password on this computer. It reaches no history.

    Raises ``NotAllowed``, and ``Refused`` where *place* cannot be had here.
    """
    actor.require(shared.SHARING)
    safe.keep(password_name(actor.store, actor.organisation_id), password, place)


@dataclass(frozen=True, slots=True)
class PasswordState:
    """Whether this computer knows the mail server's password, and whether it has a keyring."""

    known: bool
    has_keyring: bool


@query(shared.SHARING)
def password_state(actor: Actor) -> PasswordState:
    """What this computer can say of the password. May take a moment: the keyring is asked.

    Raises ``Refused`` for a file of passwords that others may read.
    """
    known = password(actor.store, actor.organisation_id)
    return PasswordState(known is not None, safe.has_keyring())


def password(store: Store, organisation_id: int) -> str | None:
    """The password as this computer knows it; None where it has to be asked for."""
    return safe.recall(password_name(store, organisation_id))


def password_name(store: Store, organisation_id: int) -> str:
    """Under which name the safe has it."""
    return f"mail-{store.catalogue(organisation_id).organisation.uuid}"


def server(settings: MailSettings, secret: str = "") -> MailServer:
    """The mail server of *settings*, with its password."""
    return MailServer(
        host=settings.host,
        port=settings.port,
        security=settings.security,
        user=settings.user,
        password=secret,
        certificate=settings.certificate,
    )


def try_out(actor: Actor, settings: MailSettings, secret: str | None, to: str) -> None:
    """Send a short mail to *to* with *settings*, saved or not; for the button of the page.

    *secret* None takes the password that this computer keeps. Takes seconds: never on the
    window's thread. Raises ``NotAllowed``, ``Invalid`` naming a field, ``MailTrouble``.
    """
    actor.require(shared.SHARING)
    tidy = checked(settings)
    if not tidy.host:
        raise Invalid("host", N_("A mail server is needed."))
    known = password(actor.store, actor.organisation_id) if secret is None else secret
    mailer.test(server(tidy, known or ""), tidy.sender, to)
