"""Pages on paper or in a PDF: breaks fall between rows, each page has its heading and footer."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPen,
)
from PySide6.QtWidgets import QWidget

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.rules.clinic_time import zone
from clinic_desk.views import words
from clinic_desk.views.sheets import Section, Sheet, SheetRow

INK, FAINT, HAIR, SHADE = QColor("#000000"), QColor("#555555"), QColor("#999999"), QColor("#eeeeee")
"""Paper is light, whatever the screen is."""
RESOLUTION = 300
"""Dots an inch."""


class Press:
    """Sets a sheet on the pages of a device."""

    def __init__(self, sheet: Sheet, device: QPagedPaintDevice, printed_by: str) -> None:
        self._sheet, self._device = sheet, device
        now = datetime.now(zone(sheet.zone))
        self._stamp = _("Printed {when} by {who}").format(
            when=f"{words.day_numbers(now.date())} {i18n.time_text(now)}",
            who=printed_by,
        )
        self._mirrored = i18n.is_right_to_left()
        self._plain, self._bold, self._title, self._small = (QFont() for _n in range(4))
        for font, size, bold in (
            (self._plain, 9, False),
            (self._bold, 9, True),
            (self._title, 15, True),
            (self._small, 7.5, False),
        ):
            font.setPointSizeF(size)
            font.setBold(bold)

    def run(self) -> int:
        """Paint everything; gives the number of pages."""
        painter = QPainter(self._device)
        try:
            painter.setLayoutDirection(
                Qt.LayoutDirection.RightToLeft if self._mirrored else Qt.LayoutDirection.LeftToRight
            )
            self._measure(painter)
            pages = self._pages()
            for number, page in enumerate(pages, 1):
                if number > 1:
                    self._device.newPage()
                self._page(painter, page, number, len(pages))
            return len(pages)
        finally:
            painter.end()

    def _measure(self, painter: QPainter) -> None:
        logical = painter.device()
        self._width, self._height = float(logical.width()), float(logical.height())
        height = {
            name: QFontMetricsF(font, logical).height()
            for name, font in (
                ("plain", self._plain),
                ("title", self._title),
                ("small", self._small),
            )
        }
        self._row = height["plain"] * 1.5
        self._note = height["small"] * 1.25
        self._section = height["plain"] * 2.3
        self._head = height["title"] * 1.2 + height["plain"] * 3.2
        self._foot = height["small"] * 2
        self._hair = max(1.0, height["plain"] / 22)

    # Pages ------------------------------------------------------------------------------------

    def _pages(self) -> list[list[tuple[Section, list[SheetRow], bool]]]:
        """Sections and rows by page; a section that goes on is repeated as a heading."""
        room = self._height - self._head - self._foot
        pages: list[list[tuple[Section, list[SheetRow], bool]]] = [[]]
        left = room
        for section in self._sheet.sections:
            first = self._row_height(section.rows[0]) if section.rows else self._row
            if left < self._section + first and pages[-1]:
                pages.append([])
                left = room
            rows: list[SheetRow] = []
            pages[-1].append((section, rows, False))
            left -= self._section
            for one in section.rows:
                need = self._row_height(one)
                if left < need:
                    rows = []
                    pages.append([(section, rows, True)])
                    left = room - self._section
                rows.append(one)
                left -= need
        return pages

    def _row_height(self, one: SheetRow) -> float:
        return self._row + (self._note if one.note else 0.0)

    def _page(
        self,
        painter: QPainter,
        page: list[tuple[Section, list[SheetRow], bool]],
        number: int,
        count: int,
    ) -> None:
        sheet = self._sheet
        y = self._text(painter, self._title, INK, 0, sheet.title)
        self._text(painter, self._plain, FAINT, y, sheet.place)
        y = self._head - self._row
        self._cells(painter, self._bold, y, sheet.columns)
        self._rule(painter, y + self._row, 2)
        y += self._row
        for section, rows, goes_on in page:
            title = (
                section.title
                if not goes_on
                else _("{title} (continued)").format(title=section.title)
            )
            box = QRectF(0, y + self._section * 0.35, self._width, self._section * 0.6)
            painter.fillRect(box, SHADE)
            self._line(painter, self._bold, box, title, leading=True)
            self._line(painter, self._small, box, section.hint, leading=False)
            y += self._section
            for one in rows:
                self._one(painter, y, one)
                y += self._row_height(one)
                self._rule(painter, y, 1)
        foot = QRectF(0, self._height - self._foot, self._width, self._foot)
        self._line(painter, self._small, foot, self._stamp, leading=True)
        text = _("Confidential · page {number} of {count} · history {head}")
        self._line(
            painter,
            self._small,
            foot,
            text.format(number=number, count=count, head=sheet.head),
            leading=False,
        )

    def _one(self, painter: QPainter, y: float, one: SheetRow) -> None:
        font = QFont(self._plain)
        font.setStrikeOut(one.struck)
        self._cells(painter, font, y, one.cells, FAINT if one.gap or one.struck else INK)
        if one.note:
            left = self._lefts()[2] if len(self._sheet.columns) > 6 else self._lefts()[1]
            box = QRectF(left, y + self._row - self._note * 0.2, self._width - left, self._note)
            self._line(painter, self._small, box, one.note, leading=True)

    def _lefts(self) -> list[float]:
        total = sum(self._sheet.weights)
        lefts, at = [], 0.0
        for weight in self._sheet.weights:
            lefts.append(at)
            at += self._width * weight / total
        return lefts

    def _cells(
        self, painter: QPainter, font: QFont, y: float, cells: tuple[str, ...], ink: QColor = INK
    ) -> None:
        lefts = [*self._lefts(), self._width]
        painter.setPen(ink)
        for index, text in enumerate(cells):
            box = QRectF(
                lefts[index], y, lefts[index + 1] - lefts[index] - self._hair * 8, self._row
            )
            self._line(painter, font, box, text, leading=True, ink=ink)

    def _line(
        self,
        painter: QPainter,
        font: QFont,
        box: QRectF,
        text: str,
        *,
        leading: bool,
        ink: QColor = INK,
    ) -> None:
        """One line in a box that is given for left-to-right pages and mirrored here."""
        if self._mirrored:
            box = QRectF(self._width - box.right(), box.y(), box.width(), box.height())
        painter.setFont(font)
        painter.setPen(ink)
        metrics = QFontMetricsF(font, painter.device())
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        side = (
            Qt.AlignmentFlag.AlignLeft if leading != self._mirrored else Qt.AlignmentFlag.AlignRight
        )
        align = side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, int(align), text)

    def _text(self, painter: QPainter, font: QFont, ink: QColor, y: float, text: str) -> float:
        height = QFontMetricsF(font, painter.device()).height() * 1.2
        self._line(painter, font, QRectF(0, y, self._width, height), text, leading=True, ink=ink)
        return y + height

    def _rule(self, painter: QPainter, y: float, weight: int) -> None:
        painter.setPen(QPen(HAIR, self._hair * weight))
        painter.drawLine(
            QRectF(0, y, self._width, 0).topLeft(), QRectF(0, y, self._width, 0).topRight()
        )


def _layout(sheet: Sheet) -> QPageLayout:
    letter = i18n.locale().territory in ("US", "CA", "MX")
    size = QPageSize(QPageSize.PageSizeId.Letter if letter else QPageSize.PageSizeId.A4)
    turned = (
        QPageLayout.Orientation.Landscape if sheet.landscape else QPageLayout.Orientation.Portrait
    )
    return QPageLayout(size, turned, QMarginsF(14, 14, 14, 14), QPageLayout.Unit.Millimeter)


def to_pdf(sheet: Sheet, path: Path, printed_by: str) -> int:
    """Write *sheet* as a PDF; gives the number of pages. Raises ``OSError`` where it cannot."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab"):
        pass  # QPdfWriter is silent about a folder that cannot be written
    writer = QPdfWriter(str(path))
    writer.setResolution(RESOLUTION)
    writer.setTitle(_("Day sheet"))
    writer.setCreator("Clinic Desk")
    writer.setPageLayout(_layout(sheet))
    return Press(sheet, writer, printed_by).run()


def to_printer(sheet: Sheet, parent: QWidget, printed_by: str) -> int | None:
    """Ask for the printer and print; None when the user changed their mind."""
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageLayout(_layout(sheet))
    dialog = QPrintDialog(printer, parent)
    dialog.setObjectName("print-dialog")
    if dialog.exec() != QPrintDialog.DialogCode.Accepted:
        return None
    return Press(sheet, printer, printed_by).run()
