"""Calling the programs that want to know: written down from the history, sent by lease.

The history is the outbox of changes: a deed stands in it in the very transaction that made the
change, so nothing is called that did not happen, and nothing that happened is forgotten. Each
webhook knows the deed up to which its calls are written down; :func:`write_down` moves that on
and writes the calls in one transaction, whoever is first. From then on a call is claimed, tried
and settled as a line of the outbox is (see ``delivery``): **at least once**, and twice only
where the sender dies between the other's answer and writing that down. Every try has the same
``webhook-id``, by which the receiver knows a repetition.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from clinic_desk import __version__
from clinic_desk.models.webhooks import Webhook, WebhookCall
from clinic_desk.rules.webhooks import LONGEST_WAIT, PATIENCE, signature, wait_after
from clinic_desk.rules.words import N_
from clinic_desk.services import changes, delivery, messages, webhook_http
from clinic_desk.services import rows as r
from clinic_desk.services import webhook_keys as keys
from clinic_desk.services.changes import Position
from clinic_desk.services.store import Store
from clinic_desk.services.transaction import Statement, alone, insert_text, transaction_for
from clinic_desk.services.webhook_http import CallTrouble, Target
from clinic_desk.services.webhooks import STOPPED

log = logging.getLogger(__name__)

LEASE_SECONDS = 120
"""Longer than a call may last, also where its name takes long to resolve."""

MOST_AT_ONCE = 50
MOST_WRITTEN = 200
"""So many changes are written down at once; more than one deed can touch."""

KEPT = timedelta(days=30)
"""How long what became of a call can be seen."""

RESUME = N_("Mend it there, then resume the webhook here.")


@dataclass(frozen=True, slots=True)
class CallRound:
    """What one round did."""

    sent: int = 0
    later: int = 0
    failed: int = 0


def write_down(store: Store, organisation_id: int, now: datetime) -> int:
    """Write down the calls for what has happened since the last time; how many. Where no webhook
    is active, or nothing has happened, nothing is written.
    """
    found = store.rows(
        f"{r.selecting(Webhook)} WHERE organisation_id = ? AND state = 'active'"  # noqa: S608
        " AND seq < COALESCE((SELECT seq FROM deed WHERE organisation_id = ?"
        " ORDER BY seq DESC LIMIT 1), 0)"
        " ORDER BY id",
        (organisation_id, organisation_id),
    )
    return sum(_written_for(store, webhook, now) for webhook in r.rows(Webhook, found))


def _written_for(store: Store, webhook: Webhook, now: datetime) -> int:
    wanted, written = set(json.loads(webhook.events)), 0
    while True:
        page = changes.read(store, webhook.organisation_id, Position(webhook.seq + 1), MOST_WRITTEN)
        # A deed is written down whole: what was cut off belongs to the next page.
        end = page.position.seq - 1 if page.more else page.position.seq
        told = [c for c in page.items if c.position.seq <= end and c.event in wanted]
        if end <= webhook.seq or not _moved_on(store, webhook, end, told, now):
            return written
        written += len(told)
        webhook.seq = end
        if not page.more:
            return written


def _moved_on(
    store: Store, webhook: Webhook, end: int, told: Collection[changes.Change], now: datetime
) -> bool:
    """One transaction: the webhook's place in the history, and its calls up to there. False
    where somebody else was faster.
    """
    transaction = transaction_for(store)
    try:
        (mine,) = transaction.begin(
            [],
            [
                Statement(
                    "UPDATE webhook SET seq = ? WHERE id = ? AND seq = ? AND state = 'active'"
                    " RETURNING id",
                    (end, webhook.id, webhook.seq),
                )
            ],
        )
        if not mine:
            transaction.roll_back()
            return False
        for change in told:
            transaction.write(_call(webhook, change, now))
        transaction.commit("")
    except BaseException:
        transaction.roll_back()
        raise
    return True


def _call(webhook: Webhook, change: changes.Change, now: datetime) -> Statement:
    fields = {
        "uuid": str(uuid.uuid4()),
        "organisation_id": webhook.organisation_id,
        "webhook_id": webhook.id,
        "seq": change.position.seq,
        "event": change.event,
        "subject": change.uuid,
        "subject_version": change.version,
        "occurred_at": change.at,
        "created_at": now,
        "due_at": now,
    }
    values = [r.stored(WebhookCall, name, value) for name, value in fields.items()]
    return Statement(insert_text("webhook_call", list(fields)), values)


def run_once(
    store: Store,
    organisation_id: int,
    now: datetime,
    *,
    key: str | None,
    most: int = MOST_AT_ONCE,
    lease_seconds: int = LEASE_SECONDS,
    ended: Callable[[], bool] = lambda: False,
) -> CallRound:
    """Write down what has happened, and make at most *most* of the calls that are due at *now*.
    Without the *key* of their secrets they are left to others.

    Never raises for a call: what became of it is written there. Raises what the database
    raises; a call that was claimed then is tried again when its lease ends.
    """
    write_down(store, organisation_id, now)
    done, begun = CallRound(), time.monotonic()
    unreachable: set[int] = set()
    mark = keys.mark(key) if key else ""
    for _turn in range(most):
        if ended() or key is None:
            break
        at = now + timedelta(seconds=time.monotonic() - begun)
        call = claim(store, organisation_id, at, mark, but=unreachable, lease_seconds=lease_seconds)
        if call is None:
            break
        done = _made(store, call, key, at, done, unreachable)
    return done


def claim(
    store: Store,
    organisation_id: int,
    now: datetime,
    mark: str,
    *,
    but: Collection[int] = (),
    lease_seconds: int = LEASE_SECONDS,
) -> WebhookCall | None:
    """The next call that is due, now this sender's until the lease ends; None where none is. Only
    of webhooks that are active and sealed under the key of this *mark*, and of none of *but*.
    """
    clock = delivery.CLOCKS[store.dialect]
    marks = f" AND c.webhook_id NOT IN ({', '.join('?' * len(but))})" if but else ""
    skip = " FOR UPDATE OF c SKIP LOCKED" if store.dialect == "postgresql" else ""
    # The plus keeps SQLite at the indexes of what is under way, away from all that was sent.
    due = (
        "SELECT c.id FROM webhook_call c JOIN webhook w ON w.id = c.webhook_id"  # noqa: S608
        f" WHERE +c.organisation_id = ? AND w.state = 'active' AND w.key_mark = ?{marks} AND"
    )
    waiting = f"{due} c.state = 'waiting' AND c.due_at <= ? ORDER BY c.due_at, c.id LIMIT 1"
    left = f"{due} c.state = 'sending' AND c.lease_until < {clock.now} ORDER BY c.id LIMIT 1"
    about = (organisation_id, mark, *but)
    for choice, values in (
        (left, about),
        (waiting, (*about, r.stored(WebhookCall, "due_at", now))),
    ):
        if not store.rows(choice, values):  # nothing is written where nothing is due
            continue
        statement = Statement(
            f"WITH mine AS {'MATERIALIZED ' if skip else ''}({choice}{skip})"  # noqa: S608
            " UPDATE webhook_call SET state = 'sending', attempts = attempts + 1,"
            f" tries = tries + 1, version = version + 1, lease_until = {clock.later}"
            f" WHERE id IN (SELECT id FROM mine) RETURNING {', '.join(r.columns(WebhookCall))}",
            (*values, lease_seconds),
        )
        found = alone(store, organisation_id, statement)
        if found:
            return r.row(WebhookCall, found[0])
    return None


def body_of(call: WebhookCall) -> bytes:
    """What is sent: the event, when it was, and which record of which version it is about. The
    same at every try, and nothing of the record itself.
    """
    told = {
        "type": call.event,
        "timestamp": f"{call.occurred_at:%Y-%m-%dT%H:%M:%S}Z",
        "data": {"uuid": call.subject, "version": call.subject_version},
    }
    return json.dumps(told, separators=(",", ":")).encode()


def headers_of(call: WebhookCall, secrets: Sequence[str], at: datetime) -> dict[str, str]:
    """The headers of a try at *at*, with a signature by each of *secrets*."""
    body = body_of(call)
    number, stamp = f"msg_{uuid.UUID(call.uuid).hex}", int(at.timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": f"Clinic-Desk/{__version__}",
        "webhook-id": number,
        "webhook-timestamp": str(stamp),
        "webhook-signature": " ".join(signature(secret, number, stamp, body) for secret in secrets),
    }


def _made(
    store: Store,
    call: WebhookCall,
    key: str,
    now: datetime,
    done: CallRound,
    unreachable: set[int],
) -> CallRound:
    """Make one call, and write down what came of it."""
    wanted = r.by_id(Webhook, call.organisation_id, call.webhook_id)
    found = store.rows(wanted.sql, wanted.parameters)
    if not found:  # removed meanwhile, and the call with it
        return done
    webhook = r.row(Webhook, found[0])
    try:
        _post(webhook, call, key, now)
    except CallTrouble as error:
        if not error.reached:
            unreachable.add(webhook.id)
        return _not_made(store, webhook, call, now, error, done)
    except Exception as error:
        # A bug of ours in one call must not stop all others for ever.
        log.exception("call %s of a webhook could not be made", call.uuid)
        ours = CallTrouble(
            N_("This call could not be made: {detail}"), "", detail=type(error).__name__
        )
        return _not_made(store, webhook, call, now, ours, done)
    if _settle(store, call, state="sent", sent_at=r.stored(WebhookCall, "sent_at", now)):
        _note(
            store,
            webhook,
            delivered_at=r.stored(Webhook, "delivered_at", now),
            failing_since=None,
            last_error="",
        )
    return replace(done, sent=done.sent + 1)


def _post(webhook: Webhook, call: WebhookCall, key: str, now: datetime) -> None:
    secret = keys.opened(key, webhook.uuid, webhook.sealed_secret)
    if secret is None:
        raise CallTrouble(
            N_("The secret of this webhook does not open."), N_("Remove it and add it again.")
        )
    former = keys.still_held(webhook.former_secrets, now)
    opened = [keys.opened(key, webhook.uuid, box) for box, _until in reversed(former)]
    held = [secret, *(other for other in opened if other is not None)]
    target = Target(webhook.url, webhook.inside, webhook.certificate)
    webhook_http.post(target, headers_of(call, held, now), body_of(call))


def _not_made(
    store: Store,
    webhook: Webhook,
    call: WebhookCall,
    now: datetime,
    error: CallTrouble,
    done: CallRound,
) -> CallRound:
    log.warning("call %s of a webhook did not arrive", call.uuid)
    reason = messages.trouble(error.message, error.way_out, **error.params)
    wait = None if error.gone else wait_after(call.tries)
    if wait is None:
        settled = _settle(store, call, state="failed", last_error=reason)
        done = replace(done, failed=done.failed + 1)
    else:
        due = now + min(max(wait, timedelta(seconds=error.seconds)), LONGEST_WAIT)
        at = r.stored(WebhookCall, "due_at", due)
        settled = _settle(store, call, state="waiting", due_at=at, last_error=reason)
        done = replace(done, later=done.later + 1)
    if not settled:  # somebody else has the call, and will know better
        return done
    since = webhook.failing_since or now
    noted = {"failing_since": r.stored(Webhook, "failing_since", since), "last_error": reason}
    if error.gone or now - since >= PATIENCE:
        stopped = messages.trouble(error.message, RESUME, **error.params)
        noted |= {"state": STOPPED, "last_error": stopped}
    _note(store, webhook, **noted)
    return done


def forget_old(store: Store, organisation_id: int, now: datetime) -> None:
    """Take away calls that were settled more than :data:`KEPT` ago."""
    before = r.stored(WebhookCall, "created_at", now - KEPT)
    values = (organisation_id, before)
    where = "organisation_id = ? AND created_at < ? AND state IN ('sent', 'failed')"
    if store.rows(f"SELECT 1 FROM webhook_call WHERE {where} LIMIT 1", values):  # noqa: S608
        sql = f"DELETE FROM webhook_call WHERE {where} RETURNING id"  # noqa: S608
        alone(store, organisation_id, Statement(sql, values))


def stop_all(store: Store) -> None:
    """Inside the transaction that restores a backup: nothing of it is called by itself."""
    reason = messages.trouble(delivery.FROM_BACKUP, RESUME)
    store.connection().execute(
        store.placed("UPDATE webhook SET state = 'stopped', last_error = ? WHERE state = 'active'"),
        (reason,),
    )


def _settle(store: Store, call: WebhookCall, **values: object) -> bool:
    sets = ", ".join(f"{name} = ?" for name in values)
    statement = Statement(
        f"UPDATE webhook_call SET {sets}, lease_until = NULL, version = version + 1"  # noqa: S608
        " WHERE id = ? AND state = 'sending' AND attempts = ? RETURNING id",
        (*values.values(), call.id, call.attempts),
    )
    return bool(alone(store, call.organisation_id, statement))


def _note(store: Store, webhook: Webhook, **values: object) -> None:
    """Past the door, and only while the webhook is as it was read: a hand goes first."""
    sets = ", ".join(f"{name} = ?" for name in values)
    statement = Statement(
        f"UPDATE webhook SET {sets} WHERE id = ? AND version = ? RETURNING id",  # noqa: S608
        (*values.values(), webhook.id, webhook.version),
    )
    alone(store, webhook.organisation_id, statement)
