"""The handbook in a window of its own: its pages at the left, what they say at the right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import (
    QAction,
    QDesktopServices,
    QKeySequence,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextOption,
    QTextTable,
)
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QTextBrowser,
    QTextEdit,
    QWidget,
)

from clinic_desk import i18n
from clinic_desk.i18n import _, ngettext
from clinic_desk.views import theme
from clinic_desk.views.remember import Memory
from clinic_desk.views.widgets import button, column, label, named, row

PAGES = ("desk", "api")
"""In the order of the list; each is a file of ``resources/handbook``."""

SIZE = (960, 680)
OUTSIDE = frozenset({"http", "https", "mailto"})


@cache
def pages() -> Mapping[str, str]:
    """The text (Markdown) of every page by its name."""
    folder = resources.files("clinic_desk.resources") / "handbook"
    return MappingProxyType(
        {name: (folder / f"{name}.md").read_text(encoding="utf-8") for name in PAGES}
    )


@cache
def _plain(name: str) -> str:
    """A page in small letters, in one line and without its marks, to be searched."""
    return " ".join(re.sub(r"[*`]", "", pages()[name]).casefold().split())


def title(text: str) -> str:
    """What a page is called: its first heading."""
    return text.partition("\n")[0].removeprefix("# ")


class Handbook(QDialog):
    """Stays open beside the work. Words are found in capitals and small letters, on all pages:
    those that have none leave the list.
    """

    def __init__(self, memory: Memory, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "handbook", _("Handbook"))
        self.setWindowTitle(_("Handbook"))
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self._memory = memory
        self.search = named(QLineEdit(), "handbook-find", _("Find in the handbook"))
        self.search.setPlaceholderText(_("Find in the handbook"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _text: self._find())
        self.search.returnPressed.connect(self.next)
        self.previous_button = button(_("Previous place"), "handbook-previous", self.previous)
        self.next_button = button(_("Next place"), "handbook-next", self.next)
        self.told = label("", "handbook-told", role="hint")
        self.list = named(QListWidget(), "handbook-pages", _("Pages"))
        self.list.setFixedWidth(210)
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text = named(QTextBrowser(), "handbook-text", _("What the page says"))
        self.text.setOpenLinks(False)
        self.text.anchorClicked.connect(self._follow)
        # The text is English: it runs from left to right whatever the window does.
        self.text.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.text.setFrameShape(QTextBrowser.Shape.NoFrame)
        foreign = label(
            _("The handbook is there in English only so far."), "handbook-foreign", role="hint"
        )
        foreign.setVisible(not i18n.language().startswith("en"))
        find = row(self.search, self.told, self.previous_button, self.next_button, grow=0)
        self.setLayout(column(find, foreign, row(self.list, self.text, grow=1), margin=12, grow=2))
        self._add_keys()
        for name, page in pages().items():
            item = QListWidgetItem(title(page))
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setSizeHint(QSize(0, 36))
            item.setToolTip(item.text())
            self.list.addItem(item)
        self.list.currentRowChanged.connect(lambda _place: self._show())
        theme.notifier().theme_changed.connect(self._restyle)
        self.resize(*SIZE)
        kept = memory.text("handbook/page")
        self.open_page(kept if kept in PAGES else PAGES[0])
        self.text.setFocus()

    def _add_keys(self) -> None:
        for keys, act in (
            (QKeySequence.StandardKey.Find, self._to_search),
            (QKeySequence.StandardKey.FindNext, self.next),
            (QKeySequence.StandardKey.FindPrevious, self.previous),
        ):
            action = QAction(self)
            action.setShortcuts(QKeySequence.keyBindings(keys))
            action.triggered.connect(lambda _checked=False, act=act: act())
            self.addAction(action)

    # Pages ------------------------------------------------------------------------------------

    @property
    def page(self) -> str:
        """The name of the page that is shown."""
        item = self.list.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole)) if item else ""

    def open_page(self, name: str) -> None:
        """Show the page called *name*."""
        self.list.setCurrentRow(PAGES.index(name))

    def _show(self) -> None:
        if not self.page:
            return
        self._memory.put("handbook/page", self.page)
        document = self.text.document()
        option = QTextOption(Qt.AlignmentFlag.AlignLeft)
        option.setTextDirection(Qt.LayoutDirection.LeftToRight)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        document.setDefaultTextOption(option)
        document.setDocumentMargin(16)
        self.text.setMarkdown(pages()[self.page])
        _dress(document)
        self.text.moveCursor(QTextCursor.MoveOperation.Start)
        self._mark()

    def _restyle(self) -> None:
        place = self.text.verticalScrollBar().value()
        self._show()
        self.text.verticalScrollBar().setValue(place)

    def _follow(self, url: QUrl) -> None:
        """Other pages open here, the rest of the world in the browser."""
        name = url.path().removesuffix(".md")
        if url.scheme() in OUTSIDE:
            QDesktopServices.openUrl(url)
        elif name in PAGES:
            self.open_page(name)

    # Finding ----------------------------------------------------------------------------------

    def _to_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    @property
    def _wanted(self) -> str:
        return self.search.text().strip()

    def _find(self) -> None:
        """List the pages that have the words, and go to the first place."""
        wanted = self._wanted.casefold()
        having = [place for place, name in enumerate(PAGES) if wanted in _plain(name)]
        for place in range(self.list.count()):
            self.list.item(place).setHidden(place not in having)
        if having and self.list.currentRow() not in having:
            self.list.setCurrentRow(having[0])
        self._mark()
        if wanted and having:
            self.text.moveCursor(QTextCursor.MoveOperation.Start)
            self.next()

    def _mark(self) -> None:
        """Mark every place on this page where the words stand."""
        found = QTextCursor(self.text.document())
        marks = []
        while self._wanted:
            found = self.text.document().find(self._wanted, found)
            if found.isNull():
                break
            mark = QTextEdit.ExtraSelection()
            mark.cursor = found
            mark.format.setBackground(theme.colour("state.warning.fill"))
            marks.append(mark)
        self.text.setExtraSelections(marks)
        count = len(marks)
        text = ngettext("{count} place", "{count} places", count).format(count=count)
        self.told.setText("" if not self._wanted else text if count else _("Not found."))
        for one in (self.previous_button, self.next_button):
            one.setEnabled(bool(count))

    def next(self) -> None:
        """Go to the next place, and from the last one to the first."""
        self._go(QTextDocument.FindFlag(0), QTextCursor.MoveOperation.Start)

    def previous(self) -> None:
        """Go to the place before, and from the first one to the last."""
        self._go(QTextDocument.FindFlag.FindBackward, QTextCursor.MoveOperation.End)

    def _go(self, way: QTextDocument.FindFlag, around: QTextCursor.MoveOperation) -> None:
        if self._wanted and not self.text.find(self._wanted, way):
            self.text.moveCursor(around)
            self.text.find(self._wanted, way)


def _dress(document: QTextDocument) -> None:
    """Give code, headings and tables the looks of the theme; the text is the Markdown's own."""
    block = document.begin()
    while block.isValid():
        _dress_block(block)
        block = block.next()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            looks = frame.format()
            looks.setBorderBrush(theme.colour("border"))
            looks.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            looks.setBorder(1)
            looks.setBorderCollapse(True)
            looks.setCellPadding(6)
            looks.setTopMargin(6)
            looks.setBottomMargin(10)
            frame.setFormat(looks)


def _dress_block(block: QTextBlock) -> None:
    cursor, looks = QTextCursor(block), QTextBlockFormat(block.blockFormat())
    if _language(block):
        looks.setNonBreakableLines(False)
        looks.setLeftMargin(16)
        looks.setTopMargin(0 if _language(block.previous()) == _language(block) else 10)
        looks.setBottomMargin(0 if _language(block.next()) == _language(block) else 10)
    elif looks.headingLevel():
        looks.setTopMargin(14 if looks.headingLevel() > 1 else 0)
        looks.setBottomMargin(6)
    elif not block.textList() and not cursor.currentTable():
        looks.setBottomMargin(8)
    looks.setLineHeight(120, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    cursor.setBlockFormat(looks)


def _language(block: QTextBlock) -> str:
    """What a line of code is written in; empty for other text."""
    looks = block.blockFormat()
    fenced = block.isValid() and looks.hasProperty(QTextFormat.Property.BlockCodeFence)
    return looks.stringProperty(QTextFormat.Property.BlockCodeLanguage) or "-" if fenced else ""
