"""A new secret for a webhook, beside which the former one holds for a while."""

from __future__ import annotations

from clinic_desk.models.webhooks import Webhook
from clinic_desk.rules.errors import Refused
from clinic_desk.rules.webhooks import OVERLAP
from clinic_desk.services import webhook_keys as keys
from clinic_desk.services import webhooks
from clinic_desk.services.webhooks import PERMISSION, NewWebhook
from clinic_desk.services.work import Work, command

MOST_FORMER = 4
"""So many secrets hold beside the newest one, the newest of them."""


@command(PERMISSION, action="webhook.renew")
def renew(work: Work, webhook_id: int, *, request_id: str | None = None) -> NewWebhook:
    """Give a webhook a new secret. For :data:`OVERLAP` its calls are signed with the former one
    too (Standard Webhooks: several signatures), so that nothing is missed until the new one is
    entered at the other program.

    Raises ``NotFound``, and ``Refused`` where this computer lacks the webhook's key.
    """
    key = keys.known(work.store, work.organisation_id)
    (found,) = work.lock(work.locked_row(Webhook, webhook_id))
    row = work.found(Webhook, found)
    if key is None or keys.mark(key) != row.key_mark:
        raise Refused(webhooks.OTHER_KEY, way_out=webhooks.ENTER_KEY)
    secret, until = keys.new_secret(), work.now + OVERLAP
    former = [*keys.still_held(row.former_secrets, work.now), (row.sealed_secret, until)]
    work.change(
        row,
        sealed_secret=keys.sealed(key, row.uuid, secret),
        former_secrets=keys.holding(former[-MOST_FORMER:]),
        former_until=until,
    )
    return NewWebhook(webhooks.card(row), secret)


renew.again = webhooks.told_before  # type: ignore[attr-defined]
