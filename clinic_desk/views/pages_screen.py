"""A section of pages: their list on the left, the chosen one on the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStackedWidget, QWidget

from clinic_desk.i18n import _
from clinic_desk.views.admin.pages import Page, PageEntry, offered
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import column, label, named, row


class PagesScreen(QWidget):
    """Attributes:
    name: of the section, as the navigation knows it.
    list: the pages that the signed-in user is led to.

    Signals:
        page_made(QWidget): a page was wanted for the first time.
    """

    page_made = Signal(QWidget)

    def __init__(
        self,
        desk: Desk,
        name: str,
        title: str,
        pages: Sequence[PageEntry],
        *,
        width: int = 150,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        named(self, name, title)
        self.name = name
        self._desk, self._pages = desk, pages
        self._made: dict[str, QWidget] = {}
        self._entries: list[PageEntry] = []
        self.list = named(QListWidget(), f"{name}-pages", _("Pages"), role="pages")
        self.list.setFixedWidth(width)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.stack = named(QStackedWidget(), f"{name}-page")
        nothing = label(
            _("Your role leads to no page here. Ask an administrator."), f"{name}-none", wrap=True
        )
        nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack.addWidget(nothing)
        heading = label(title, f"{name}-title", role="title")
        side = named(QWidget(), f"{name}-side", role="panel")
        side.setLayout(column(heading, self.list, margin=16, gap=12, grow=1))
        self.setLayout(row(side, self.stack, gap=0, grow=1))
        self.setFocusProxy(self.list)
        self.list.currentRowChanged.connect(self._chosen)
        desk.catalogue_changed.connect(self._offer)
        self._offer()

    def _offer(self) -> None:
        """List what the user may open today; the page that is shown stays where it may."""
        entries = offered(self._desk.may, self._pages)
        if entries == self._entries:
            return
        shown = self.current
        self._entries = entries
        self.list.blockSignals(True)
        self.list.clear()
        for entry in entries:
            item = QListWidgetItem(_(entry.text))
            item.setData(Qt.ItemDataRole.UserRole, entry.name)
            item.setSizeHint(QSize(0, 36))
            item.setToolTip(item.text())
            self.list.addItem(item)
        self.list.blockSignals(False)
        names = [entry.name for entry in entries]
        if names:
            self.show_page(shown if shown in names else names[0])
        else:
            self.stack.setCurrentIndex(0)

    @property
    def current(self) -> str:
        """The name of the page that is shown; empty where there is none."""
        shown = self.stack.currentWidget()
        return next((name for name, page in self._made.items() if page is shown), "")

    @property
    def made(self) -> tuple[QWidget, ...]:
        """The pages that somebody has been on."""
        return tuple(self._made.values())

    @property
    def unsaved(self) -> Page | None:
        """The page that holds something unsaved."""
        pages = (page for page in self._made.values() if isinstance(page, Page))
        return next((page for page in pages if page.unsaved), None)

    def page(self, name: str) -> QWidget:
        """The page called *name*, made when it is first wanted."""
        if name not in self._made:
            entry = next(one for one in self._entries if one.name == name)
            self._made[name] = entry.make(self._desk)
            self.stack.addWidget(self._made[name])
            self.page_made.emit(self._made[name])
        return self._made[name]

    def show_page(self, name: str) -> QWidget:
        """Bring the page called *name* to the front."""
        page = self.page(name)
        self.stack.setCurrentWidget(page)
        self._mark(name)
        return page

    def _mark(self, name: str) -> None:
        place = next(n for n, entry in enumerate(self._entries) if entry.name == name)
        self.list.blockSignals(True)
        self.list.setCurrentRow(place)
        self.list.blockSignals(False)

    def _chosen(self, place: int) -> None:
        if not 0 <= place < len(self._entries):
            return
        wanted, shown = self._entries[place].name, self.stack.currentWidget()
        if isinstance(shown, Page) and shown.unsaved:
            self._mark(self.current)
            shown.leave_then(lambda: self.show_page(wanted))
        else:
            self.show_page(wanted)
