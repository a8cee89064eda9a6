"""Letters with codes: whether there is anybody to write to changes nothing that a desk can see.

The line of a code goes one way, whatever there is to find: the mail server is greeted and
logged in to, nothing is said of a recipient, and with that the line counts as sent. Only then,
and at the end of the round, when all other mails are gone, is looked whose record it is and
what the server says to their address. Nothing of that comes back: a mailbox that refuses, a
record without an address and no record at all are one and the same line.

For the same reason what fails for the moment is tried again from the memory of the program
that sends: one that ends meanwhile loses it, and the desk asks for another code.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import datetime

from clinic_desk.models.consents import Consent
from clinic_desk.models.journal import Outbox
from clinic_desk.rules.errors import ClinicError, Disconnected
from clinic_desk.services import consent_rows as c
from clinic_desk.services import delivery, mail_settings, mailer, posting
from clinic_desk.services import rows as r
from clinic_desk.services.consent_cards import Channel, State
from clinic_desk.services.mail_settings import MailSettings
from clinic_desk.services.mailer import Fault, MailTrouble
from clinic_desk.services.posting import Mint, Pointless, Post
from clinic_desk.services.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Way:
    line: Outbox
    due_at: datetime
    tries: int = 1


class Underway:
    """Codes whose line counts as sent and that are to be given to the mail server now or later."""

    def __init__(self) -> None:
        self._ways: list[_Way] = []

    def begun(
        self, store: Store, settings: MailSettings, password: str, line: Outbox, now: datetime
    ) -> Post:
        """What is kept of a line that now counts as sent: neither code nor name. Its mail leaves
        at the end of the round. Raises ``Pointless`` where its consent waits for no code,
        ``MailTrouble`` where the mail server takes nothing at all.
        """
        if not _is_waited_for(store, line, now):
            raise Pointless(posting.NOT_WANTED)
        _reach(settings, password)
        self._ways.append(_Way(line, now))
        letter = posting.shown(store, settings, line)
        return Post(None, letter.subject, letter.text) if letter else Post(None, "", "")

    def go(
        self, store: Store, settings: MailSettings, password: str, now: datetime, mint: Mint
    ) -> None:
        """Give those that are due to the mail server. What becomes of them is told to nobody."""
        due = [way for way in self._ways if way.due_at <= now]
        self._ways = [way for way in self._ways if way.due_at > now]
        while due:
            way = due.pop()
            try:
                again = _given(store, settings, password, way.line, now, mint)
            except Disconnected:
                self._ways += [way, *due]
                raise
            if again:
                # Another code under another name, for which the mailbox may know it as new.
                way.line.attempts += 1
                at = now + delivery.wait_after(way.tries)
                self._ways.append(_Way(way.line, at, way.tries + 1))


def _reach(settings: MailSettings, password: str) -> None:
    """Greet the mail server as for a mail, and name no recipient. Raises ``MailTrouble``."""
    mailer.reach(mail_settings.server(settings, password), settings.sender)


def _is_waited_for(store: Store, line: Outbox, now: datetime) -> bool:
    """Whether the consent of this line still waits for its code: what its desk may know."""
    wanted = r.by_id(Consent, line.organisation_id, json.loads(line.body)["consent_id"])
    found = store.rows(wanted.sql, wanted.parameters)
    row = r.row(Consent, found[0]) if found else None
    return row is not None and c.state(row, now) is State.ASKED and row.channel == Channel.EMAIL


def _given(
    store: Store, settings: MailSettings, password: str, line: Outbox, now: datetime, mint: Mint
) -> bool:
    """Whether it is to be tried again."""
    minted = mint(store, json.loads(line.body)["consent_id"], now)
    try:
        if minted is None:
            _reach(settings, password)  # takes a while too: what comes next leaves no earlier
        else:
            mail = posting.code_mail(store, settings, line, minted, now)
            mailer.send(mail_settings.server(settings, password), mail)
    except MailTrouble as error:
        return minted is not None and error.fault is not Fault.FOR_GOOD
    except Disconnected:
        raise
    except ClinicError:
        pass  # whose address it is, and that there is one, does not stand in the log either
    except Exception as error:
        # A bug of ours in one letter must not stop all others for ever.
        log.error("a letter with a code could not be made: %s", type(error).__name__)  # noqa: TRY400
    return False
