"""How a file is read, what its columns become, and what would come of its first rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.rules.written_dates import Order
from clinic_desk.views import words
from clinic_desk.views.admin.fields import choice, choose
from clinic_desk.views.patients import import_reading as reading
from clinic_desk.views.patients.import_reading import Look
from clinic_desk.views.patients.record_tables import TextRows, fit, short_table
from clinic_desk.views.widgets import column, error_line, label, named, row

if TYPE_CHECKING:
    from clinic_desk.services.patient_table import TableForm


class ImportColumns(QWidget):
    """Signals:
    changed(TableForm, bool, bool): the file is to be read like this; whether its columns are
        named anew, and whether the order of its dates is told anew.
    """

    changed = Signal(object, bool, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "import-columns", _("Columns and preview"))
        self.look: Look | None = None
        self.boxes: list[QComboBox] = []
        self.encoding = choice("import-encoding", _("Encoding"), self._reread)
        self.delimiter = choice("import-delimiter", _("Delimiter"), self._reread)
        for sign, text in (
            (",", _("comma ,")),
            (";", _("semicolon ;")),
            ("\t", _("tab")),
            ("|", _("bar |")),
        ):
            self.delimiter.addItem(text, sign)
        self.dates = choice("import-dates", _("Dates"), self._dates_chosen)
        self.dates.addItem(_("day first"), Order.DAY)
        self.dates.addItem(_("month first"), Order.MONTH)
        self.headings = named(
            QCheckBox(_("The first row holds the headings")), "import-headings", _("Headings")
        )
        self.headings.clicked.connect(lambda _on: self._reread())
        self.table = named(QTableWidget(0, 3), "import-matching", _("What the columns become"))
        self.table.setHorizontalHeaderLabels([_("In the file"), _("For example"), _("Becomes")])
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(36)
        self.table.setShowGrid(False)
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        self.told = error_line("import-columns-told")
        self.preview = TextRows((), self)
        self.rows = short_table("import-preview", _("What would become of the first rows"), -1)
        self.rows.setModel(self.preview)
        self.rows.horizontalHeader().setStretchLastSection(True)
        self.setLayout(
            column(
                row(
                    label(_("Encoding")), self.encoding, label(_("Delimiter")), self.delimiter,
                    label(_("Dates")), self.dates, 1,
                ),
                self.headings,
                self.table,
                label(_("What would become of the first rows"), role="strong"),
                self.told,
                self.rows,
            )
        )  # fmt: skip

    # Showing ------------------------------------------------------------------------------------

    def show_look(self, look: Look) -> None:
        """Show what is known of the file."""
        self.look = look
        self._fill_form(look.form)
        self._fill_matching(look)
        self._fill_preview(look)

    def _fill_form(self, form: TableForm) -> None:
        from clinic_desk.services.patient_table import ENCODINGS

        # Those that stand there keep their places, or the arrow keys would go in circles.
        for name in (*ENCODINGS, form.encoding):
            if self.encoding.findData(name) < 0:
                self.encoding.addItem(_encoding_shown(name, ENCODINGS.get(name, ())), name)
        choose(self.encoding, form.encoding)
        choose(self.delimiter, form.delimiter, form.delimiter)
        choose(self.dates, form.dates)
        self.headings.setChecked(form.headings)

    def _fill_matching(self, look: Look) -> None:
        count = len(look.headings)
        if len(self.boxes) != count:
            self.boxes = [self._box(place) for place in range(count)]
            self.table.setRowCount(count)
            for place, box in enumerate(self.boxes):
                self.table.setCellWidget(place, 2, box)
        for place, box in enumerate(self.boxes):
            title = _("Column {number}").format(number=place + 1)
            if look.form.headings:
                title = look.headings[place] or title
            sample = look.sample[place] if place < len(look.sample) else ""
            shown = (words.isolated(title), look.understood(place, sample))
            for where, text in enumerate(shown):
                item = QTableWidgetItem(text)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled)
                item.setToolTip(text)
                self.table.setItem(place, where, item)
            box.setAccessibleName(_("What “{column}” becomes").format(column=title))
            fields = look.form.columns
            choose(box, fields[place] if place < len(fields) else "")

    def _box(self, place: int) -> QComboBox:
        made = choice(f"import-becomes-{place}", "", partial(self._column_chosen, place))
        for name, text in reading.fields().items():
            made.addItem(text, name)
        return made

    def _fill_preview(self, look: Look) -> None:
        known = reading.fields()
        twice = self._twice
        self.told.setVisible(look.refusal is not None or bool(twice))
        if look.refusal is not None:
            self.told.setText(words.explained(look.refusal))
        elif twice:
            text = _("Two columns become “{field}”. Leave one of them out.")
            self.told.setText(text.format(field=known.get(twice, twice)))
        heads = [_("Row"), _("Result"), _("Reason")]
        heads += [known.get(name, "") for name in look.shown]
        lines = [
            (*reading.previewed(result), *(look.becomes(result, name) for name in look.shown))
            for result in look.results
        ]
        self.preview.set_rows(lines, heads)
        fit(self.rows)
        self.rows.setColumnHidden(2, not any(line[2] for line in lines))

    @property
    def ready(self) -> bool:
        """Whether something would come in."""
        read = self.look is not None and self.look.refusal is None and bool(self.look.results)
        return read and not self._twice

    # Choosing -----------------------------------------------------------------------------------

    def _reread(self) -> None:
        if self.look is None:
            return
        form = replace(
            self.look.form,
            encoding=self.encoding.currentData(),
            delimiter=self.delimiter.currentData(),
            headings=self.headings.isChecked(),
        )
        self.changed.emit(form, True, True)

    def _dates_chosen(self) -> None:
        if self.look is not None:
            form = replace(self.look.form, dates=Order(self.dates.currentData()))
            self.changed.emit(form, False, False)

    def _column_chosen(self, place: int) -> None:
        if self.look is None:
            return
        form = replace(self.look.form, columns=tuple(box.currentData() for box in self.boxes))
        dated = "date_of_birth" in (form.columns[place], self.look.form.columns[place])
        self.changed.emit(form, False, dated)

    @property
    def _twice(self) -> str:
        """A field that two columns become."""
        columns = self.look.form.columns if self.look is not None else ()
        return next((name for name in columns if name and columns.count(name) > 1), "")


def _encoding_shown(name: str, languages: Iterable[str]) -> str:
    names = i18n.locale().languages
    told = ", ".join(names.get(tag, tag) for tag in languages)
    return f"{name}  ({told})" if told else name
