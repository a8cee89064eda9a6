"""The three steps of a consent as they stand below each other: one is open, the others a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from enum import Enum

from PySide6.QtCore import QDate, QLocale, Qt, QTimer
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QCheckBox, QDateEdit, QFrame, QLineEdit, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.clinic_time import day_span
from clinic_desk.rules.clinic_time import zone as zone_of
from clinic_desk.services.consent_cards import ALWAYS, AskedCard, Share, State
from clinic_desk.services.consent_code import DIGITS
from clinic_desk.views.admin.fields import Fields, choice, text_field
from clinic_desk.views.consent import texts
from clinic_desk.views.widgets import button, column, label, named, restyle, row

RESEND_SECONDS = 30
"""So soon after a code was asked for, another one is not offered: mails take a moment."""


class Progress(Enum):
    """Where a step stands."""

    COMING = "○"
    NOW = "●"
    DONE = "✓"


class Step(QFrame):
    """A numbered step; its content is seen only while it is its turn."""

    def __init__(self, number: int, text: str, content: QWidget) -> None:
        super().__init__()
        self._text = f"{number}  {text}"
        named(self, f"consent-step-{number}", text, role="card")
        self.sign = label("", f"consent-step-{number}-sign", role="strong")
        self.heading = label(self._text, f"consent-step-{number}-title", role="strong")
        self.state = label("", f"consent-step-{number}-state", role="hint")
        self.content = content
        self.setLayout(
            column(row(self.sign, self.heading, 1, self.state), content, margin=10, gap=8)
        )
        self.set_progress(Progress.COMING)

    def set_progress(self, progress: Progress, told: str = "") -> None:
        """Open the step, or fold it to its line; *told* stands at the end of the line."""
        self.progress = progress
        self.sign.setText(progress.value)
        restyle(self.sign, tone="good" if progress is Progress.DONE else "")
        restyle(self.heading, role="hint" if progress is Progress.COMING else "strong")
        self.state.setText(told)
        self.content.setVisible(progress is Progress.NOW)


class Shares(QWidget):
    """The groups of data, each to be ticked; the one that nobody can do without stays ticked."""

    def __init__(self, name: str, ticked: Iterable[Share] = ()) -> None:
        super().__init__()
        named(self, name, _("What is shared"))
        self.boxes: dict[Share, QCheckBox] = {}
        for group in Share:
            box = QCheckBox(texts.share(group))
            self.boxes[group] = named(box, f"{name}-{group}", texts.share(group))
        self.setLayout(column(*self.boxes.values(), gap=4))
        self.offer(tuple(Share), ticked)

    def offer(self, groups: Iterable[Share], ticked: Iterable[Share]) -> None:
        """Show these *groups* alone, those of *ticked* ticked."""
        offered, on = set(groups), set(ticked)
        for group, box in self.boxes.items():
            box.setVisible(group in offered)
            box.setChecked(group in offered and (group in on or group is ALWAYS))
            box.setEnabled(group is not ALWAYS)
        self.boxes[ALWAYS].setToolTip(_("Without these nobody could be registered."))

    @property
    def chosen(self) -> tuple[Share, ...]:
        """The groups that are ticked."""
        return tuple(group for group, box in self.boxes.items() if box.isChecked())


class AskPart(QWidget):
    """What the data are for, which, and where the code goes."""

    def __init__(self, clinic: str, send: Callable[[], object]) -> None:
        super().__init__()
        self.purpose = text_field("consent-purpose", _("What the data are for"), lambda: None)
        self.purpose.setText(_("Treatment at {clinic}").format(clinic=clinic))
        self.shares = Shares("consent-shares", (Share.PERSON, Share.CONTACT))
        self.fields = Fields("consent-ask-fields", _("Ask"))
        self.fields.add("purpose", _("What the data are for"), self.purpose)
        where = label(
            _(
                "The code goes by e-mail to the contact on record. It is not shown here, and only"
                " the person can have it changed, at the clinic that keeps the record."
            ),
            "consent-where",
            role="hint",
            wrap=True,
        )
        shared = label(_("What is shared"), "consent-shared-title", role="strong")
        self.send = button(_("Send the code"), "consent-send", send, look="primary")
        self.setLayout(column(self.fields, shared, self.shares, where, row(self.send, 1), gap=10))
        self.purpose.returnPressed.connect(send)


class _Digits(QValidator):
    """Six digits of any script; what else is pasted along with them, blanks above all, goes."""

    def validate(self, text: str, place: int) -> tuple[QValidator.State, str, int]:
        """As Qt asks: fewer digits stay typed, and Enter says what is missing."""
        kept = "".join(sign for sign in text if sign.isdecimal())
        if len(kept) > DIGITS:
            return QValidator.State.Invalid, text, place
        before = sum(sign.isdecimal() for sign in text[:place])
        return QValidator.State.Acceptable, kept, before


class CodePart(QWidget):
    """The six digits, how long they hold, and how often one may still try."""

    def __init__(
        self, verify: Callable[[], object], again: Callable[[], object], *, on_paper: bool
    ) -> None:
        """*on_paper*: whether the user may take the signed form in place of the code."""
        super().__init__()
        self._card: AskedCard | None = None
        self._spoken = -1
        self.code = named(QLineEdit(), "consent-code", _("Code"))
        self.code.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.code.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.code.setValidator(_Digits(self.code))
        self.code.setMaximumWidth(170)
        self.code.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
        self.code.setPlaceholderText("– – – – – –")
        restyle(self.code, look="code")
        self.clock = label("", "consent-clock", role="hint")
        self.fields = Fields("consent-code-fields", _("Verify"))
        self.fields.add("code", _("Code"), self.code, beside=self.clock)
        told = _(
            "The person reads the six digits of the newest message to you. If no message"
            " comes, the contact on record may be out of date: take the signed paper form."
        )
        if not on_paper:
            told = _(
                "The person reads the six digits of the newest message to you. If no message"
                " comes, the contact on record may be out of date: a signed paper form can stand"
                " for the code."
            )
        hint = label(told, "consent-code-hint", role="hint", wrap=True)
        self.check = button(_("Check the code"), "consent-check", verify, look="primary")
        self.again = button(_("Send another code"), "consent-again", again)
        self.setLayout(column(hint, self.fields, row(self.check, self.again, 1), gap=10))
        self.code.returnPressed.connect(verify)
        self.code.textEdited.connect(lambda _text: self.fields.untell())
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self.renew)

    def show_card(self, card: AskedCard) -> None:
        """Wait for the code of this consent."""
        self._card, self._spoken = card, -1
        self._tick.start()
        self.renew()

    def stop(self) -> None:
        """Nothing is waited for any more."""
        self._card = None
        self._tick.stop()

    @property
    def is_open(self) -> bool:
        """Whether a code can still be tried."""
        card = self._card
        return (
            card is not None
            and card.state is State.ASKED
            and card.tries_left > 0
            and datetime.now(UTC) < card.expires_at
        )

    def renew(self) -> None:
        """Tell the time that is left: to the eye each second, to the ear each minute."""
        card = self._card
        if card is None:
            return
        now = datetime.now(UTC)
        seconds = int((card.expires_at - now).total_seconds())
        on = self.is_open
        self.code.setEnabled(on)
        self.check.setEnabled(on)
        waited = now - card.asked_at >= timedelta(seconds=RESEND_SECONDS)
        self.again.setEnabled(waited or not on)
        self.again.setToolTip("" if waited else _("A message takes a moment to arrive."))
        if not on:
            locked = card.tries_left <= 0 or card.state is State.LOCKED
            over = _("Locked after wrong codes") if locked else _("The code is over")
            self.clock.setText(over)
            self.clock.setAccessibleName(over)
            return
        told = _("valid {time} · {tries}")
        self.clock.setText(
            told.format(time=texts.left(seconds), tries=texts.tries(card.tries_left))
        )
        minute = -(-seconds // 60)
        if minute != self._spoken:
            self._spoken = minute
            self.clock.setAccessibleName(texts.minutes(minute))


class AgreePart(QWidget):
    """What the person agrees to, and for how long; nothing is copied before it is ticked."""

    def __init__(self, agree: Callable[[], object]) -> None:
        super().__init__()
        self.sentence = label("", "consent-sentence", wrap=True)
        yes = _("The person agrees to this")
        self.agrees = named(QCheckBox(yes), "consent-agrees", yes)
        self.shares = Shares("consent-agreed")
        self.lasts = choice("consent-lasts", _("How long"), self._show_day)
        self.lasts.addItem(_("until it is withdrawn"), False)
        self.lasts.addItem(_("until a day"), True)
        self.day = named(QDateEdit(), "consent-until", _("Until"))
        self.day.setCalendarPopup(True)
        short = self.day.locale().dateFormat(QLocale.FormatType.ShortFormat)
        self.day.setDisplayFormat(short if "yyyy" in short else short.replace("yy", "yyyy"))
        texts.leading(self.sentence)
        self.fields = Fields("consent-agree-fields", _("Agree"))
        self.fields.add("until", _("How long"), self.lasts, beside=self.day)
        self.go = button(_("Register the patient"), "consent-agree", agree, look="primary")
        shared = label(_("What is shared"), "consent-agreed-title", role="strong")
        go = row(self.go, 1)
        self.setLayout(
            column(shared, self.shares, self.fields, self.sentence, self.agrees, go, gap=10)
        )
        self.agrees.toggled.connect(lambda _on: self._allow())
        self._show_day()
        self._allow()

    def show_card(self, card: AskedCard, sentence: str, today: QDate) -> None:
        """Ask for the agreement; *sentence* says who agrees with what."""
        self.sentence.setText(sentence)
        self.agrees.setAccessibleDescription(sentence)
        self.agrees.setChecked(False)
        self.shares.offer(card.shares, card.shares)
        self.day.setMinimumDate(today.addDays(1))
        self.day.setDate(today.addYears(1))

    def until(self, zone: str) -> datetime | None:
        """The end of the chosen day in *zone*, an instant in UTC; None: until withdrawn."""
        if not self.lasts.currentData():
            return None
        return day_span(self.day.date().toPython(), zone_of(zone)).ends_at  # type: ignore[arg-type]

    def _show_day(self) -> None:
        self.day.setVisible(bool(self.lasts.currentData()))

    def _allow(self) -> None:
        on = self.agrees.isChecked()
        self.go.setEnabled(on)
        self.go.setToolTip("" if on else _("Tick first that the person agrees."))
