"""Sending what is due: one round at a time, and the thread that makes rounds for ever.

Every desk may run one, and ``serve`` too: lines are claimed, so nothing is sent by two. A
computer without the mail server's password leaves the sending to those that have it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial

from clinic_desk.models.journal import Outbox
from clinic_desk.rules.errors import ClinicError, Unavailable
from clinic_desk.rules.words import N_
from clinic_desk.services import (
    code_mail,
    courier,
    delivery,
    mail_settings,
    mailer,
    messages,
    posting,
    posting_together,
    reminders,
)
from clinic_desk.services.letter_texts import Kind
from clinic_desk.services.mail_settings import MailSettings
from clinic_desk.services.mailer import Fault, MailTrouble
from clinic_desk.services.posting import Mint, Minted, Pointless, Post
from clinic_desk.services.served import Served
from clinic_desk.services.store import Store

__all__ = [
    "Condition",
    "Mint",
    "Minted",
    "Outgoing",
    "Round",
    "Sender",
    "State",
    "outgoing",
    "run_once",
]

log = logging.getLogger(__name__)

MOST_AT_ONCE = 50
PAUSE_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 300.0
REMIND_EACH = timedelta(minutes=1)

OURS = N_("This message could not be made: {detail}")
TELL_US = N_("Send it in another way and tell the makers of the program.")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What one round needs to know: whose mails, by which settings, with which password."""

    organisation_id: int
    settings: MailSettings
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did. ``trouble`` is why it ended early: the server as a whole."""

    sent: int = 0
    later: int = 0
    failed: int = 0
    withdrawn: int = 0
    trouble: MailTrouble | None = None


class State(StrEnum):
    """How a sender fares: nothing is set up, this computer lacks the password, all is well, or
    the last round ended in trouble.
    """

    OFF = "off"
    NO_PASSWORD = "no password"  # noqa: S105 - a state
    WELL = "well"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Condition:
    """What came of a round. ``error`` says why there is trouble; None where it is a bug of ours."""

    state: State = State.OFF
    error: ClinicError | None = None
    done: Round = field(default_factory=Round)


OnRound = Callable[[int, Condition], None]
"""Told on the sender's thread after each round: of which organisation, and what came of it."""


def outgoing(
    store: Store, organisation_id: int, settings: MailSettings | None = None
) -> Outgoing | None:
    """What this computer can send for the organisation; None where nothing is set up here.

    Raises ``Refused`` for a file of passwords that others may read.
    """
    settings = settings or mail_settings.load(store, organisation_id)
    if not settings.ready:
        return None
    secret = mail_settings.password(store, organisation_id) if settings.user else ""
    return None if secret is None else Outgoing(organisation_id, settings, secret)


def run_once(
    store: Store,
    settings: Outgoing,
    now: datetime,
    *,
    mint: Mint | None = None,
    most: int = MOST_AT_ONCE,
    lease_seconds: int = delivery.LEASE_SECONDS,
    ended: Callable[[], bool] = lambda: False,
    codes: code_mail.Underway | None = None,
) -> Round:
    """Send what is due at *now*, at most *most* mails, and say what came of it. Between two
    mails *ended* is asked whether to leave the rest. *codes* are those that are under way
    still: what became of them is no part of the answer.

    Never raises for a mail or its server: that is written on the line. Raises what the
    database raises; a line that was claimed then is tried again when its lease ends.
    """
    done = Round()
    codes = codes or code_mail.Underway()
    for _turn in range(most):
        if ended():
            break
        lines = delivery.claim_together(
            store,
            settings.organisation_id,
            now,
            codes=mint is not None,
            lease_seconds=lease_seconds,
        )
        if not lines:
            break
        done = _sent(store, settings, lines, now, codes, done)
        if done.trouble is not None:  # the others would fare no better: keep their tries
            break
    if mint is not None:
        codes.go(store, settings.settings, settings.password, now, mint)
    return done


def _sent(
    store: Store,
    settings: Outgoing,
    lines: Sequence[Outbox],
    now: datetime,
    codes: code_mail.Underway,
    done: Round,
) -> Round:
    """*done*, and what became of *lines*, which leave as one mail."""
    wishes = settings.settings
    if len(lines) > 1:
        holding, pointless = posting_together.sifted(store, lines, now)
        done = _withdrawn(store, pointless, done)
        lines = [one.line for one in holding]
        if len(lines) > 1:
            make = partial(posting_together.made, store, wishes, holding, now)
            return _given(store, settings, lines, make, now, done)
    if not lines:
        return done
    make = partial(posting.made, store, wishes, lines[0], now)
    if lines[0].kind == Kind.CODE:
        make = partial(codes.begun, store, wishes, settings.password, lines[0], now)
    return _given(store, settings, lines, make, now, done)


def _given(
    store: Store,
    settings: Outgoing,
    lines: Sequence[Outbox],
    make: Callable[[], Post],
    now: datetime,
    done: Round,
) -> Round:
    """Give the mail that *make* makes of *lines* to the server, and write down what came of it."""
    wishes = settings.settings
    try:
        post = make()
        if post.mail is not None:
            mailer.send(mail_settings.server(wishes, settings.password), post.mail)
    except Pointless as error:
        return _withdrawn(store, [(line, error.reason) for line in lines], done)
    except MailTrouble as error:
        for line in lines:
            done = _not_sent(store, wishes, line, now, error, done)
        return done
    except Unavailable:  # the database is away: the lease will end
        raise
    except ClinicError as error:
        return _failed(store, lines, _told(error), done)
    except Exception as error:
        # A bug of ours in one letter must not stop all others for ever.
        log.exception("line %s of the outbox could not be sent", lines[0].uuid)
        reason = messages.trouble(OURS, TELL_US, detail=type(error).__name__)
        return _failed(store, lines, reason, done)
    for line in lines:
        delivery.sent(store, line, now, post.subject, post.text)
    return replace(done, sent=done.sent + len(lines))


def _withdrawn(store: Store, pointless: Sequence[tuple[Outbox, str]], done: Round) -> Round:
    for line, reason in pointless:
        delivery.withdrawn(store, line, messages.trouble(reason))
    return replace(done, withdrawn=done.withdrawn + len(pointless))


def _failed(store: Store, lines: Sequence[Outbox], reason: str, done: Round) -> Round:
    for line in lines:
        delivery.failed(store, line, reason)
    return replace(done, failed=done.failed + len(lines))


def _not_sent(
    store: Store,
    wishes: MailSettings,
    line: Outbox,
    now: datetime,
    error: MailTrouble,
    done: Round,
) -> Round:
    log.warning("line %s of the outbox: %s", line.uuid, error.fault)
    trouble = error if error.fault is Fault.SERVER else None
    # Counted on after a retry: the number of the try is what a lease goes by.
    tries = (line.attempts - 1) % wishes.most_tries + 1
    if error.fault is Fault.FOR_GOOD or tries == wishes.most_tries:
        delivery.failed(store, line, _told(error))
        return replace(done, failed=done.failed + 1, trouble=trouble)
    delivery.later(store, line, now + delivery.wait_after(tries), _told(error))
    return replace(done, later=done.later + 1, trouble=trouble)


def _told(error: ClinicError) -> str:
    return messages.trouble(error.message, error.way_out, **error.params)


class Sender:
    """The thread that makes rounds for some organisations (None: for all that there are, and
    those to come) until it is stopped; beside it runs the one that calls other programs.

    It has its own connection and never touches a window. A dead mail server or database
    makes its pauses grow up to five minutes; nothing makes it end but :meth:`stop`.
    """

    def __init__(
        self,
        store: Store,
        organisation_ids: Collection[int] | None,
        *,
        mint: Mint | None = None,
        pause_seconds: float = PAUSE_SECONDS,
        on_round: OnRound | None = None,
    ) -> None:
        self._store = store
        self._served = Served(store, organisation_ids)
        self._mint = mint
        self._pause = pause_seconds
        self._on_round = on_round or (lambda _organisation_id, _condition: None)
        self._woken = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)
        soon = min(pause_seconds, courier.PAUSE_SECONDS)
        self._courier = courier.Courier(store, organisation_ids, pause_seconds=soon)
        self._reminded: dict[int, tuple[Outgoing, datetime]] = {}
        self._fared: dict[int, tuple[Outgoing, Condition]] = {}
        self._codes: defaultdict[int, code_mail.Underway] = defaultdict(code_mail.Underway)
        self.last: dict[int, Round] = {}
        """What the newest round did, by organisation; for a line in the status bar."""

    def start(self) -> None:
        """Begin to make rounds."""
        self._thread.start()
        self._courier.start()

    def wake(self) -> None:
        """Make a round now: a code was asked for, or somebody pressed "Try again"."""
        self._woken.set()
        self._courier.wake()

    @property
    def is_running(self) -> bool:
        """Whether one of its threads is there still."""
        return self._thread.is_alive() or self._courier.is_running

    def stop(self, timeout: float = 10.0) -> bool:
        """End after the mail that is under way; what is left stays in the outbox.

        Waits *timeout* seconds at most (0: not at all); False where a thread is there still.
        """
        self._ended.set()
        self._woken.set()
        give_up = time.monotonic() + timeout
        self._courier.stop(0.0)  # told before anybody waits
        if self._thread.is_alive():
            self._thread.join(timeout)
        self._courier.stop(max(0.0, give_up - time.monotonic()))
        return not self.is_running

    def _run(self) -> None:
        pause = self._pause
        try:
            while not self._ended.is_set():
                self._woken.clear()
                if self._ended.is_set():  # it was set, and its ring just wiped out
                    break
                found = {n: self._round(n) for n in self._served.now()}
                troubled = [n for n, one in found.items() if one.state is State.TROUBLE]
                for number, one in found.items():
                    self.last[number] = one.done
                    self._on_round(number, one)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS) if troubled else self._pause
                self._served.wait(self._woken, pause)
        finally:
            with contextlib.suppress(Exception):
                self._store.forget_connection()

    def _round(self, organisation_id: int) -> Condition:
        try:
            settings = mail_settings.load(self._store, organisation_id)
            if not settings.ready:
                return Condition()
            going = outgoing(self._store, organisation_id, settings)
            if going is None:
                return Condition(State.NO_PASSWORD)
            now = datetime.now(UTC)
            before = self._fared.get(organisation_id)
            if before is not None and before[0] != going:
                delivery.hurry(self._store, organisation_id, now)
            self._remind(going, now)
            done = run_once(
                self._store,
                going,
                now,
                mint=self._mint,
                most=MOST_AT_ONCE,
                ended=self._ended.is_set,
                codes=self._codes[organisation_id],
            )
        except ClinicError as error:
            log.warning("a round of the sender was given up: %s", type(error).__name__)
            return Condition(State.TROUBLE, error)
        except Exception:
            log.exception("a round of the sender was given up")
            return Condition(State.TROUBLE)
        fared = Condition(State.TROUBLE if done.trouble else State.WELL, done.trouble, done)
        return self._since(organisation_id, going, fared)

    def _remind(self, going: Outgoing, now: datetime) -> None:
        """Once a minute: it looks at all visits of the next days."""
        last = self._reminded.get(going.organisation_id)
        if last is None or last[0] != going or now >= last[1] + REMIND_EACH:
            reminders.write_due(self._store, going.organisation_id, going.settings, now)
            self._reminded[going.organisation_id] = (going, now)

    def _since(self, organisation_id: int, going: Outgoing, fared: Condition) -> Condition:
        """A round without a mail says nothing of the server: then what was known holds on."""
        before = self._fared.get(organisation_id)
        if before is not None and before[0] == going and fared.done == Round():
            fared = replace(before[1], done=fared.done)
        self._fared[organisation_id] = (going, fared)
        return fared
