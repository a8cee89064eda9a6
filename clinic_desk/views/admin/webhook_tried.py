"""What becomes of a webhook's test: it is only told as done when the other program has answered."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer

from clinic_desk.i18n import _
from clinic_desk.services import webhooks
from clinic_desk.services.webhooks import CallCard, WebhookCard
from clinic_desk.views import words
from clinic_desk.views.admin.pages import Page
from clinic_desk.views.admin.webhooks_table import trouble_text
from clinic_desk.views.messages import Tone

AGAIN_MS = 700
"""Between two looks at the call."""
MOST_LOOKS = 40
"""After so many nobody seems to make calls just now."""


class TestWatch(QTimer):
    """Looks at one call until its first try is answered, and tells it in the message bar. Ends by
    itself, or with *page*.
    """

    __test__ = False

    def __init__(self, page: Page, card: WebhookCard, call_id: int) -> None:
        super().__init__(page)
        desk = page.desk
        self._desk, self._card, self._call_id = desk, card, call_id
        self._looks = 0
        self._address = words.isolated(card.url)
        self.setInterval(AGAIN_MS)
        self.timeout.connect(self._look)
        text = _("The test is on its way to {address}.").format(address=self._address)
        desk.say(text)
        self.start()

    def _look(self) -> None:
        self._looks += 1
        self._desk.ask(
            webhooks.calls,
            self._card.id,
            done=self._read,
            failed=self._end,
            ticket=("webhook-test", id(self)),
            what=_("reading the webhooks"),
        )

    def _read(self, calls: Sequence[CallCard]) -> None:
        call = next((one for one in calls if one.id == self._call_id), None)
        if call is None or not self.isActive():
            self._end()
        elif call.state == "sent":
            text = _("The test has arrived at {address}.").format(address=self._address)
            self._tell(text, Tone.GOOD)
        elif call.state == "failed" or (call.state == "waiting" and call.tries):
            text = _("The test did not arrive at {address}. {reason}")
            reason = trouble_text(call.trouble, self._desk.zone)
            self._tell(text.format(address=self._address, reason=reason), Tone.ERROR)
        elif self._looks >= MOST_LOOKS:
            text = _(
                "The test for {address} still waits: no computer makes calls just now. Open Clinic"
                " Desk on one that has the key, and look into the list of calls."
            )
            self._tell(text.format(address=self._address), Tone.WARNING)

    def _tell(self, text: str, tone: Tone) -> None:
        self._desk.say(text, tone)
        self._end()

    def _end(self, _error: BaseException | None = None) -> None:
        self.stop()
        self.deleteLater()
