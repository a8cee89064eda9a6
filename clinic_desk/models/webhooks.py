"""Rows: which programs are told of changes, and each call to them."""

from __future__ import annotations

import peewee as pw

from clinic_desk.models.base import Row, UtcDateTimeField


class Webhook(Row):
    """An address that is told of changes. ``events`` is a JSON list.

    ``sealed_secret`` opens only with the organisation's key, whose mark is ``key_mark`` and
    which is not in the database. ``former_secrets`` hold beside it for a while (a JSON list of
    pairs: sealed, and until when), the last of them until ``former_until``. ``seq`` is the deed
    up to which its calls are written down. What the sender notes (``seq``, ``state`` when it
    gives up, and the last four) is written past the door.
    """

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    url = pw.TextField()
    events = pw.TextField(default="[]")
    inside = pw.BooleanField(default=False)
    certificate = pw.TextField(default="")
    sealed_secret = pw.TextField()
    former_secrets = pw.TextField(default="[]")
    former_until = UtcDateTimeField(null=True)
    key_mark = pw.TextField()
    state = pw.TextField(default="active")
    seq = pw.BigIntegerField(default=0)
    created_by = pw.BigIntegerField(null=True)
    created_at = UtcDateTimeField()
    delivered_at = UtcDateTimeField(null=True)
    failing_since = UtcDateTimeField(null=True)
    last_error = pw.TextField(default="")
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "webhook"
        indexes = ((("organisation_id", "id"), True), (("organisation_id", "created_at"), False))


class WebhookCall(Row):
    """One call to an address: that ``subject`` (a uuid) of version ``subject_version`` had
    ``event`` happen to it, by deed number ``seq`` (0: a test).

    Its uuid is the ``webhook-id`` of every try. Sent by lease, as lines of the outbox are.
    """

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    webhook_id = pw.BigIntegerField()
    seq = pw.BigIntegerField()
    event = pw.TextField()
    subject = pw.TextField()
    subject_version = pw.IntegerField(null=True)
    occurred_at = UtcDateTimeField()
    created_at = UtcDateTimeField()
    due_at = UtcDateTimeField()
    state = pw.TextField(default="waiting")
    lease_until = UtcDateTimeField(null=True)
    sent_at = UtcDateTimeField(null=True)
    attempts = pw.IntegerField(default=0)
    tries = pw.IntegerField(default=0)
    last_error = pw.TextField(default="")
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "webhook_call"
        indexes = (
            (("webhook_id", "seq", "event", "subject"), True),
            (("webhook_id", "created_at"), False),
        )


for _name, _column, _where in (
    ("webhook_call_due", WebhookCall.due_at, WebhookCall.state == "waiting"),
    ("webhook_call_lease", WebhookCall.lease_until, WebhookCall.state == "sending"),
):
    WebhookCall.add_index(WebhookCall.index(_column, where=_where, name=_name))
