"""The form that a person signs instead of telling a code: what it says, in which language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QFont,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextDocument,
)
from PySide6.QtWidgets import QWidget

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.services.consent_cards import Share
from clinic_desk.views import words
from clinic_desk.views.consent import texts

RESOLUTION = 300
"""Dots an inch."""

LINE = "_" * 34


@dataclass(frozen=True, slots=True)
class PaperForm:
    """What one form says. ``person`` and ``born`` are what was typed at the desk, nothing of the
    other record; ``asked_at`` an instant, shown in ``zone``; ``number`` finds the consent again.
    """

    clinic: str
    person: str
    born: date | None
    purpose: str
    shares: tuple[Share, ...]
    number: int
    asked_at: datetime
    given_by: str
    zone: str


def html(form: PaperForm) -> str:
    """The form in the present language, as Qt's rich text; whatever was typed is escaped."""
    clinic = escape(words.isolated(form.clinic))
    name = escape(words.isolated(form.person)) or LINE
    born = words.day_numbers(form.born) if form.born is not None else "_" * 16
    asks = _(
        "I allow {clinic} to take over the data named here from the clinic that manages my record."
    )
    number = _("Consent no. {number} · asked for {when} · form given out by {who}").format(
        number=form.number,
        when=texts.moment(form.asked_at, form.zone),
        who=escape(words.isolated(form.given_by)),
    )
    parts = [
        f"<h1>{_('Consent to share my data')}</h1>",
        f"<p>{clinic}</p>",
        _line(_("Name"), name),
        _line(_("Date of birth"), born),
        f"<p>{asks.format(clinic=clinic)}</p>",
        f"<h3>{_('What is shared')}</h3>",
        "".join(f"<p>☒&nbsp; {escape(texts.share(group))}</p>" for group in form.shares),
        f"<h3>{_('For')}</h3>",
        f"<p>{escape(words.isolated(form.purpose))}</p>",
        f"<h3>{_('How long')}</h3>",
        f"<p>☐&nbsp; {_('until I withdraw it')}</p>",
        f"<p>☐&nbsp; {_('until')} {'_' * 20}</p>",
        f"<h3>{_('What you should know')}</h3>",
        *(f"<p>• {line.format(clinic=clinic)}</p>" for line in notice()),
        _signing(),
        f"<p>&nbsp;<br><small>{number}</small></p>",
    ]
    direction = "rtl" if i18n.is_right_to_left() else "ltr"
    return f'<html dir="{direction}"><body dir="{direction}">{"".join(parts)}</body></html>'


def notice() -> Sequence[str]:
    """What the person is told before they sign; ``{clinic}`` is who asks."""
    return (
        _("Your medical records are not among the data unless they are named above."),
        _(
            "The data are copied once and kept by {clinic} as its own. Nothing else of your record"
            " is shown to {clinic}."
        ),
        _("Both clinics write down that you agreed, when, and to what."),
        _(
            "You can withdraw at any time, in either clinic. Nothing more is taken over from then"
            " on; what {clinic} has registered by then stays with it."
        ),
        _("You need not sign. If you do not, nothing is shared."),
        _("A picture of this form is kept with your data at {clinic}."),
    )


def _line(caption: str, value: str) -> str:
    """No table: Qt does not mirror one."""
    return f"<p>{caption}&nbsp;&nbsp; <b>{value}</b></p>"


def _signing() -> str:
    captions = (
        _("Place and date"),
        _("Signature of the person, or of a parent or guardian"),
        _("Name of who signs, in capital letters"),
    )
    return "".join(
        f"<p>&nbsp;<br>&nbsp;<br>{LINE}{LINE}<br><small>{text}</small></p>" for text in captions
    )


def document(form: PaperForm, device: QPagedPaintDevice) -> QTextDocument:
    """The form set on the pages of *device*."""
    made = QTextDocument()
    font = QFont()
    font.setPointSizeF(10.5)
    made.setDefaultFont(font)
    made.setDefaultStyleSheet("h3 { margin-top: 10px } p { margin-top: 3px; margin-bottom: 3px }")
    option = made.defaultTextOption()
    right = i18n.is_right_to_left()
    option.setTextDirection(
        Qt.LayoutDirection.RightToLeft if right else Qt.LayoutDirection.LeftToRight
    )
    made.setDefaultTextOption(option)
    made.documentLayout().setPaintDevice(device)
    made.setHtml(html(form))
    made.setPageSize(QSizeF(device.width(), device.height()))
    return made


def _layout() -> QPageLayout:
    letter = i18n.locale().territory in ("US", "CA", "MX")
    size = QPageSize(QPageSize.PageSizeId.Letter if letter else QPageSize.PageSizeId.A4)
    margins = QMarginsF(20, 16, 20, 14)
    return QPageLayout(size, QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter)


def paint(form: PaperForm, device: QPagedPaintDevice) -> int:
    """Bring the form to *device*; gives the number of pages."""
    made = document(form, device)
    painter = QPainter(device)
    try:
        for page in range(made.pageCount()):
            if page:
                device.newPage()
                painter.translate(0, -device.height())
            made.drawContents(
                painter, QRectF(0, page * device.height(), device.width(), device.height())
            )
    finally:
        painter.end()
    return made.pageCount()


def to_pdf(form: PaperForm, path: Path, language: str) -> int:
    """Write the form in *language* as a PDF; gives the number of pages. Raises ``OSError``."""
    with path.open("ab"):
        pass  # QPdfWriter is silent about a folder that cannot be written
    with i18n.speaking(language):
        writer = QPdfWriter(str(path))
        writer.setResolution(RESOLUTION)
        writer.setTitle(_("Consent to share my data"))
        writer.setCreator("Clinic Desk")
        writer.setPageLayout(_layout())
        return paint(form, writer)


def to_printer(form: PaperForm, parent: QWidget, language: str) -> bool:
    """Ask for the printer and print in *language*; False when the user changed their mind."""
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    with i18n.speaking(language):
        printer.setPageLayout(_layout())
    dialog = QPrintDialog(printer, parent)
    dialog.setObjectName("print-dialog")
    if dialog.exec() != QPrintDialog.DialogCode.Accepted:
        return False
    with i18n.speaking(language):
        paint(form, printer)
    return True
