"""What somebody has drawn wider or narrower stays so: splitters, columns, windows.

Only what a hand has moved is remembered. What the program itself sizes to its content goes on
doing so until then.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QHeaderView, QSplitter, QTableView, QWidget

from clinic_desk.views.remember import Memory

MOVED = "moved-by-hand"
"""The property of a splitter that a hand has set; nothing else sets its sizes from then on."""


class KeptSizes(QObject):
    """Remembers the sizes of whatever it is shown, by the names of the widgets."""

    def __init__(self, memory: Memory, parent: QObject) -> None:
        super().__init__(parent)
        self._memory = memory.of("sizes")

    def keep(self, root: QWidget) -> None:
        """Give the parts of *root* their sizes of last time, and remember what is changed."""
        for splitter in root.findChildren(QSplitter):
            if splitter.objectName() and self._is_new(splitter):
                self._keep_splitter(splitter)
        for table in root.findChildren(QTableView):
            if table.objectName() and self._is_new(table):
                header = table.horizontalHeader()
                KeptColumns(header, self._memory, f"columns/{table.objectName()}")
        further = getattr(root, "page_made", None)  # a section of pages, made when first wanted
        if further is not None and self._is_new(root):
            further.connect(self.keep)

    def _is_new(self, widget: QWidget) -> bool:
        new = not widget.property("sizes-kept")
        widget.setProperty("sizes-kept", True)
        return new

    def _keep_splitter(self, splitter: QSplitter) -> None:
        across = splitter.orientation() == Qt.Orientation.Horizontal
        name = f"{splitter.objectName()}/{'across' if across else 'down'}"
        sizes = self._memory.numbers(name)
        if len(sizes) == splitter.count() and min(sizes) > 0:
            splitter.setProperty(MOVED, True)
            splitter.setSizes(sizes)
        splitter.splitterMoved.connect(partial(self._moved, splitter, name))

    def _moved(self, splitter: QSplitter, name: str, _place: int, _number: int) -> None:
        splitter.setProperty(MOVED, True)
        self._memory.put(name, splitter.sizes())


class KeptColumns(QObject):
    """The columns of one table: those that a hand has drawn keep their width, whatever the
    program sizes to its content.
    """

    def __init__(self, header: QHeaderView, memory: Memory, name: str) -> None:
        super().__init__(header)
        self._header, self._memory, self._name = header, memory, name
        self._pressed = False
        self._drawn = dict(enumerate(memory.numbers(name)))
        header.viewport().installEventFilter(self)
        header.sectionResized.connect(self._resized)
        header.sectionCountChanged.connect(lambda _before, _now: self._again())
        self._again()

    def _again(self) -> None:
        for place in range(self._header.count()):
            self._hold(place, self._header.sectionSize(place))

    def _resized(self, place: int, _before: int, now: int) -> None:
        if not now:
            return  # hidden
        if self._pressed:
            if self._header.sectionResizeMode(place) == QHeaderView.ResizeMode.Interactive:
                self._drawn[place] = now
        else:
            self._hold(place, now)

    def _hold(self, place: int, now: int) -> None:
        wanted = self._drawn.get(place, 0)
        free = self._header.sectionResizeMode(place) == QHeaderView.ResizeMode.Interactive
        if free and wanted > 0 and wanted != now and not self._header.isSectionHidden(place):
            self._header.resizeSection(place, wanted)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Between press and release it is the hand that draws; afterwards it is remembered."""
        if event.type() == QEvent.Type.MouseButtonPress:
            self._pressed = True
        elif event.type() == QEvent.Type.MouseButtonRelease and self._pressed:
            self._pressed = False
            if self._drawn:
                last = max(self._drawn)
                self._memory.put(self._name, [self._drawn.get(n, 0) for n in range(last + 1)])
        elif event.type() == QEvent.Type.MouseButtonDblClick:
            self._drawn.clear()  # back to what the content needs
            self._memory.forget(self._name)
        return False


def keep_window(window: QWidget, memory: Memory, name: str) -> None:
    """Give a window its size of last time, and remember the one that it has when it is closed."""
    state = memory.state(f"sizes/{name}/window")
    if state is not None:
        window.restoreGeometry(state)
    window.installEventFilter(_Closing(window, memory, name))


class _Closing(QObject):
    def __init__(self, window: QWidget, memory: Memory, name: str) -> None:
        super().__init__(window)
        self._window, self._memory, self._name = window, memory, name

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A window that is hidden has the size that it is to have next time."""
        if watched is self._window and event.type() == QEvent.Type.Hide:
            self._memory.put(f"sizes/{self._name}/window", self._window.saveGeometry())
        return False
