"""Webhooks: which programs are told of changes, and what became of the calls to them.

An address, the events it wants, and a secret by which it knows that it is we who call. The
secret is told once, when the webhook is added. What is sent names a record by its uuid and says
nothing of it (see ``webhook_delivery``).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from clinic_desk.models.webhooks import Webhook, WebhookCall
from clinic_desk.rules.errors import Invalid, NotFound, Refused
from clinic_desk.rules.webhooks import checked_url
from clinic_desk.rules.words import N_
from clinic_desk.services import rows as r
from clinic_desk.services import webhook_keys as keys
from clinic_desk.services.actor import Actor
from clinic_desk.services.changes import EVENTS
from clinic_desk.services.outbox import Trouble, trouble
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work, command, query

PERMISSION = "Token Update"
ACTIVE, PAUSED, STOPPED = "active", "paused", "stopped"
TEST = "webhook.test"
"""The event of a call that somebody asked for to see whether calls arrive."""

MOST = 20
MOST_AT_ONCE = 50
MOST_CALLS = 200

TOO_MANY = N_("An organisation has {most} webhooks at most.")
REMOVE_ONE = N_("Remove one that is not needed any more.")
OTHER_KEY = N_("This computer does not have the key under which the webhooks’ secrets are sealed.")
ENTER_KEY = N_("Enter it here: it can be copied on a computer that sends webhooks.")
NO_EVENT = N_("Choose at least one event.")
NOT_A_CERTIFICATE = N_("This is no certificate.")
PASTE = N_("Paste the text from “BEGIN CERTIFICATE” to “END CERTIFICATE”.")
NONE_FAILED = N_("No call of this webhook has failed.")


@dataclass(frozen=True, slots=True)
class WebhookCard:
    """A webhook. ``state`` is active, paused (by hand) or stopped (nothing arrived for long);
    ``trouble`` says why the newest try failed; until ``former_until`` a secret that was renewed
    holds beside the new one. Instants are UTC.
    """

    id: int
    uuid: str
    version: int
    url: str
    events: tuple[str, ...]
    inside: bool
    state: str
    key_mark: str
    created_at: datetime
    delivered_at: datetime | None
    failing_since: datetime | None
    trouble: Trouble
    waiting: int = 0
    failed: int = 0
    former_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A webhook just added, or its secret renewed; ``secret`` is told this once, and empty where
    that is repeated.
    """

    card: WebhookCard
    secret: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class CallCard:
    """One call. ``state`` is waiting, sending, sent or failed; instants are UTC."""

    id: int
    event: str
    subject: str
    state: str
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    tries: int
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class KeyState:
    """Whether this computer can sign the organisation's calls: there are webhooks (``needed``),
    it has a key (``known``), and that is theirs (``fits``).
    """

    needed: bool
    known: bool
    fits: bool


@query(PERMISSION)
def listed(actor: Actor) -> tuple[WebhookCard, ...]:
    """All webhooks of the organisation, the oldest first; two queries."""
    found = r.rows(
        Webhook,
        actor.store.rows(
            f"{r.selecting(Webhook)} WHERE organisation_id = ? ORDER BY created_at, id",
            (actor.organisation_id,),
        ),
    )
    counted = actor.store.rows(
        "SELECT webhook_id, state, COUNT(*) FROM webhook_call WHERE organisation_id = ?"
        " AND state <> 'sent' GROUP BY webhook_id, state",
        (actor.organisation_id,),
    )
    counts = {(number, state): count for number, state, count in counted}
    return tuple(
        card(
            row,
            waiting=counts.get((row.id, "waiting"), 0) + counts.get((row.id, "sending"), 0),
            failed=counts.get((row.id, "failed"), 0),
        )
        for row in found
    )


@query(PERMISSION)
def calls(actor: Actor, webhook_id: int) -> tuple[CallCard, ...]:
    """The newest calls of a webhook, the newest first; one query."""
    found = actor.store.rows(
        f"{r.selecting(WebhookCall)} WHERE webhook_id = ? AND organisation_id = ?"
        " ORDER BY created_at DESC, id DESC LIMIT ?",
        (webhook_id, actor.organisation_id, MOST_CALLS),
    )
    return tuple(
        CallCard(
            row.id,
            row.event,
            row.subject,
            row.state,
            row.created_at,
            row.due_at,
            row.sent_at,
            row.tries,
            trouble(row.last_error),
        )
        for row in r.rows(WebhookCall, found)
    )


@command(PERMISSION, action="webhook.add")
def add(
    work: Work,
    *,
    url: str,
    events: Sequence[str],
    inside: bool = False,
    certificate: str = "",
    request_id: str | None = None,
) -> NewWebhook:
    """Tell the program at *url* of these events from now on. The first webhook makes the key
    under which the secrets are sealed, and keeps it on this computer.

    Raises ``Invalid`` for the address, the events or the certificate, and ``Refused`` where this
    computer lacks the key of those that there are.
    """
    address = checked_url(url, inside=inside)
    wanted = [event for event in EVENTS if event in set(events)]
    if not wanted or len(wanted) != len(set(events)):
        raise Invalid("events", NO_EVENT)
    _check_certificate(certificate)
    key = keys.known(work.store, work.organisation_id)
    number, secret = str(uuid.uuid4()), keys.new_secret()
    marks = Statement(
        "SELECT key_mark FROM webhook WHERE organisation_id = ?", (work.organisation_id,)
    )
    if key is None and not work.look(marks)[0]:
        key = keys.made()  # kept before the lock: a keyring may be slow
        keys.keep(work.store, work.organisation_id, key)
    others, head = work.lock(marks, _head(work))
    if len(others) >= MOST:
        raise Refused(TOO_MANY, way_out=REMOVE_ONE, most=MOST)
    if key is None or (others and (keys.mark(key),) not in others):
        raise Refused(OTHER_KEY, way_out=ENTER_KEY)
    row = work.create(
        Webhook,
        uuid=number,
        url=address,
        events=json.dumps(wanted),
        inside=inside,
        certificate=certificate.strip(),
        sealed_secret=keys.sealed(key, number, secret),
        key_mark=keys.mark(key),
        state=ACTIVE,
        seq=_seq(head),
        created_by=work.actor.user_id,
        created_at=work.now,
        last_error="",
        version=1,
    )
    return NewWebhook(card(row), secret)


@command(PERMISSION, action="webhook.pause")
def pause(work: Work, webhook_id: int, *, request_id: str | None = None) -> WebhookCard:
    """Call a program no more until it is resumed; what happens meanwhile it is not told. What
    waits already waits on. Raises ``NotFound``.
    """
    (found,) = work.lock(work.locked_row(Webhook, webhook_id))
    row = work.found(Webhook, found)
    if row.state == ACTIVE:
        work.change(row, state=PAUSED)
    return card(row)


@command(PERMISSION, action="webhook.resume")
def resume(work: Work, webhook_id: int, *, request_id: str | None = None) -> WebhookCard:
    """Call a program again, of what happens from now on; what waited is called at once. What it
    missed it can read from the changes. Raises ``NotFound``.
    """
    found, head = work.lock(work.locked_row(Webhook, webhook_id), _head(work))
    row = work.found(Webhook, found)
    if row.state != ACTIVE:
        work.change(row, state=ACTIVE, seq=_seq(head), failing_since=None, last_error="")
    return card(row)


@command(PERMISSION, action="webhook.remove")
def remove(work: Work, webhook_id: int, *, request_id: str | None = None) -> None:
    """Forget a webhook, its secret and its calls for good. Raises ``NotFound``."""
    (found,) = work.lock(work.locked_row(Webhook, webhook_id))
    work.delete(work.found(Webhook, found))


@command(PERMISSION, action="webhook.test")
def send_test(work: Work, webhook_id: int, *, request_id: str | None = None) -> int:
    """Call a program once with the event ``webhook.test``; the number of the call.

    Raises ``NotFound``, ``Refused`` for a webhook that is not active.
    """
    (found,) = work.lock(work.locked_row(Webhook, webhook_id))
    row = work.found(Webhook, found)
    if row.state != ACTIVE:
        raise Refused(N_("This webhook is paused."), way_out=N_("Resume it first."))
    number = str(uuid.uuid4())
    made = work.create(
        WebhookCall,
        uuid=number,
        webhook_id=row.id,
        seq=0,
        event=TEST,
        subject=number,
        occurred_at=work.now,
        created_at=work.now,
        due_at=work.now,
        state="waiting",
        attempts=0,
        tries=0,
        last_error="",
        version=1,
    )
    return int(made.id)


@command(PERMISSION, action="webhook.retry")
def retry(work: Work, webhook_id: int, *, request_id: str | None = None) -> int:
    """Try the calls of a webhook that failed once more, at once and as often as at first, the
    oldest :data:`MOST_AT_ONCE` of them; how many.

    Raises ``NotFound``, ``Refused`` where none has failed.
    """
    lock = " FOR UPDATE" if work.store.dialect == "postgresql" else ""
    found, failed = work.lock(
        work.locked_row(Webhook, webhook_id),
        Statement(
            f"{r.selecting(WebhookCall)} WHERE webhook_id = ? AND organisation_id = ?"
            f" AND state = 'failed' ORDER BY id LIMIT ?{lock}",
            (webhook_id, work.organisation_id, MOST_AT_ONCE),
        ),
    )
    work.found(Webhook, found)
    if not failed:
        raise Refused(NONE_FAILED)
    for row in r.rows(WebhookCall, failed):
        work.change(row, state="waiting", due_at=work.now, tries=0, last_error="")
    return len(failed)


@query(PERMISSION)
def key_state(actor: Actor) -> KeyState:
    """Whether this computer can sign. May take a moment: the keyring is asked; one query.

    Raises ``Refused`` for a file of passwords that others may read.
    """
    marks = {
        mark
        for (mark,) in actor.store.rows(
            "SELECT key_mark FROM webhook WHERE organisation_id = ?", (actor.organisation_id,)
        )
    }
    key = keys.known(actor.store, actor.organisation_id)
    return KeyState(bool(marks), key is not None, key is not None and keys.mark(key) in marks)


@query(PERMISSION)
def key(actor: Actor) -> str:
    """The organisation's key, to be entered on another computer. Raises ``NotFound`` where this
    computer has none.
    """
    found = keys.known(actor.store, actor.organisation_id)
    if found is None:
        raise NotFound
    return found


def enter_key(actor: Actor, text: str) -> None:
    """Keep the organisation's key on this computer, so that it sends too. It reaches no history.

    Raises ``NotAllowed``, and ``Invalid`` for what is no key, or not the one of the webhooks.
    """
    actor.require(PERMISSION)
    mark = keys.mark(text)
    marks = actor.store.rows(
        "SELECT 1 FROM webhook WHERE organisation_id = ? AND key_mark = ?",
        (actor.organisation_id, mark),
    )
    if not marks:
        raise Invalid("key", keys.NO_KEY, way_out=keys.COPY_IT)
    keys.keep(actor.store, actor.organisation_id, text)


def card(row: Webhook, *, waiting: int = 0, failed: int = 0) -> WebhookCard:
    """What may be known of a webhook's row."""
    return WebhookCard(
        row.id,
        row.uuid,
        row.version,
        row.url,
        tuple(json.loads(row.events)),
        row.inside,
        row.state,
        row.key_mark,
        row.created_at,
        row.delivered_at,
        row.failing_since,
        trouble(row.last_error),
        waiting,
        failed,
        row.former_until,
    )


def _check_certificate(text: str) -> None:
    if not text.strip():
        return
    import ssl

    try:
        ssl.create_default_context().load_verify_locations(cadata=text.strip())
    except (ssl.SSLError, ValueError) as error:
        raise Invalid("certificate", NOT_A_CERTIFICATE, way_out=PASTE) from error


def _head(work: Work) -> Statement:
    return Statement(
        "SELECT seq FROM deed WHERE organisation_id = ? ORDER BY seq DESC LIMIT 1",
        (work.organisation_id,),
    )


def _seq(head: Rows) -> int:
    return int(head[0][0]) if head else 0


def _card_of(actor: Actor, webhook_id: int) -> WebhookCard:
    wanted = r.by_id(Webhook, actor.organisation_id, webhook_id)
    found = actor.store.rows(wanted.sql, wanted.parameters)
    if not found:
        raise NotFound
    return card(r.row(Webhook, found[0]))


def told_before(actor: Actor, webhook_id: int) -> NewWebhook:
    """The answer to an adding or a renewal that is sent twice: the secret is told no more."""
    return NewWebhook(_card_of(actor, webhook_id))


add.again = told_before  # type: ignore[attr-defined]
pause.again = _card_of  # type: ignore[attr-defined]
resume.again = _card_of  # type: ignore[attr-defined]
