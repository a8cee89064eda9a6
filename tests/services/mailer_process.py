"""A sender in a process of its own: ``python -m tests.services.mailer_process URL ORG PORT LEASE``.

It sends until nothing is left to send for a while, and may be killed at any moment.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from clinic_desk.rules.errors import Unavailable
from clinic_desk.services import mail_settings, mailer, sender
from clinic_desk.services.mailer import MailServer
from clinic_desk.services.sender import Outgoing
from clinic_desk.services.store import open_store


def main() -> None:
    """Send what is due, a line at a time."""
    url, organisation_id, lease = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    store = open_store(url)
    plain = mail_settings.server

    def named(settings: mail_settings.MailSettings, secret: str = "") -> MailServer:
        """So that the mail server knows who gave it what."""
        return replace(plain(settings, secret), helo=f"process-{os.getpid()}.test")

    mail_settings.server = named
    assert mailer.DEADLINE_SECONDS > 0
    settings = Outgoing(organisation_id, mail_settings.load(store, organisation_id))
    idle = time.monotonic()
    while time.monotonic() - idle < lease + 3:
        try:
            now = datetime.now(UTC) + timedelta(minutes=2)
            done = sender.run_once(store, settings, now, most=1, lease_seconds=lease)
        except Unavailable:
            time.sleep(0.05)
            continue
        if done.sent or done.later:
            idle = time.monotonic()
        else:
            time.sleep(0.05)
    store.close()


if __name__ == "__main__":
    main()
