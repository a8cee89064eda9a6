"""The report of a visit as a page: the clinic's head, what was when, and the text; as PDF.

It speaks the patient's language (else that of the clinic's letters), whatever the desk speaks.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from html import escape

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, Qt
from PySide6.QtGui import QFont, QPageLayout, QPageSize, QPdfWriter, QTextDocument, QTextOption

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.rules.clinic_time import zone
from clinic_desk.rules.spans import Span
from clinic_desk.services.reports import ReportFacts
from clinic_desk.views import words

RESOLUTION = 300
"""Dots an inch."""

POINTS = 10


def spoken(facts: ReportFacts) -> AbstractContextManager[None]:
    """The language of whom the report is for, while the block lasts."""
    return i18n.speaking(facts.language or i18n.language())


def file_name(facts: ReportFacts) -> str:
    """What the file is called: no name of a person, since files lie about."""
    day = words.wall(facts.starts_at, facts.time_zone).date()
    with spoken(facts):
        return _("Report {day}.pdf").format(day=day.isoformat())


def html(facts: ReportFacts, printed_by: str, now: datetime) -> str:
    """The page as HTML that Qt understands; every word of others is escaped."""
    with spoken(facts):
        return _html(facts, printed_by, now)


def _html(facts: ReportFacts, printed_by: str, now: datetime) -> str:
    address = " · ".join(escape(part) for part in (facts.location, facts.address) if part)
    phone = (
        escape(_("Telephone: {phone}").format(phone=words.isolated(facts.phone)))
        if facts.phone
        else ""
    )
    day = words.day_long(words.wall(facts.starts_at, facts.time_zone).date())
    span = words.times(Span(facts.starts_at, facts.ends_at), facts.time_zone)
    lines = [
        (_("Patient"), facts.patient),
        (_("Born"), words.day_numbers(facts.born) if facts.born else ""),
        (_("Number"), facts.number),
        (_("Visit"), _("{day}, {times}").format(day=day, times=span)),
        (_("Service"), facts.service),
        (_("Provider"), facts.provider),
        (_("Status"), words.status(facts.status)),
        (_("Main problem"), facts.main_problem),
    ]
    told = "".join(_row(name, text) for name, text in lines if text)
    text = escape(facts.notes.strip() or _("Nothing was written down.")).replace("\n", "<br>")
    local = now.astimezone(zone(facts.time_zone))
    stamp = _("Printed {when} by {who}").format(
        when=f"{words.day_numbers(local.date())} {i18n.time_text(local)}", who=printed_by
    )
    return (
        f'<h2 style="margin-bottom:0">{escape(facts.clinic)}</h2>'
        f'<p style="color:#555555; margin-top:2px">{address}<br>{phone}</p><hr>'
        f'<h1 style="margin-top:12px">{escape(_("Report"))}</h1><table width="100%">{told}</table>'
        f'<h3 style="margin-top:18px">{escape(_("Notes"))}</h3><p>{text}</p>'
        f'<p style="color:#555555; margin-top:24px; font-size:8pt">{escape(stamp)}</p>'
    )


def _row(name: str, text: str) -> str:
    """Name and text beside each other; Qt mirrors paragraphs, but no tables."""
    cells = [
        f'<td width="24%" style="color:#555555; padding:2px 6px">{escape(name)}</td>',
        f'<td width="76%" style="padding:2px 6px">{escape(words.isolated(text))}</td>',
    ]
    return f"<tr>{''.join(reversed(cells) if i18n.is_right_to_left() else cells)}</tr>"


def document(facts: ReportFacts, printed_by: str, now: datetime) -> QTextDocument:
    """The page, set in the direction of its language."""
    with spoken(facts):
        return _document(facts, printed_by, now)


def _document(facts: ReportFacts, printed_by: str, now: datetime) -> QTextDocument:
    made = QTextDocument()
    font = QFont()
    font.setPointSizeF(POINTS)
    made.setDefaultFont(font)
    option = QTextOption()
    mirrored = i18n.is_right_to_left()
    option.setTextDirection(
        Qt.LayoutDirection.RightToLeft if mirrored else Qt.LayoutDirection.LeftToRight
    )
    option.setAlignment(Qt.AlignmentFlag.AlignLeading)
    made.setDefaultTextOption(option)
    direction = ' dir="rtl"' if mirrored else ""
    made.setHtml(
        f'<html><body{direction} style="color:#000000">{html(facts, printed_by, now)}</body></html>'
    )
    return made


def pdf(facts: ReportFacts, printed_by: str, now: datetime) -> bytes:
    """The page as the content of a PDF file, on the paper of the desk's country."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(RESOLUTION)
    with spoken(facts):
        writer.setTitle(_("Report"))
    writer.setCreator("Clinic Desk")
    letter = i18n.locale().territory in ("US", "CA", "MX")
    size = QPageSize(QPageSize.PageSizeId.Letter if letter else QPageSize.PageSizeId.A4)
    margins = QMarginsF(4, 4, 4, 4)  # Qt adds two centimetres by itself
    writer.setPageLayout(
        QPageLayout(size, QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter)
    )
    document(facts, printed_by, now).print_(writer)
    del writer  # it writes the end of the file when it goes
    buffer.close()
    return bytes(buffer.data().data())
