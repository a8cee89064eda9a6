"""Small makers of widgets, so that every one has a stable name and a spoken one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QTableView,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from clinic_desk.views.wheel import keep_wheel

W = TypeVar("W", bound=QWidget)

GAP = 8
"""The step of all distances, in logical pixels."""


def named(widget: W, name: str, spoken: str = "", **properties: Any) -> W:
    """Give *widget* its objectName, its accessible name and style properties."""
    widget.setObjectName(name)
    keep_wheel(widget)
    if spoken:
        widget.setAccessibleName(spoken)
    for key, value in properties.items():
        widget.setProperty(key, value)
    if properties.get("role"):  # only then does a style sheet paint a plain widget's background
        widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return widget


def restyle(widget: QWidget, **properties: Any) -> None:
    """Change style properties and let the style sheet see them."""
    if all(widget.property(key) == value for key, value in properties.items()):
        return
    for key, value in properties.items():
        widget.setProperty(key, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class Label(QLabel):
    """A line of text that begins where lines of the language begin. Qt goes by the text itself,
    so that a Latin name in an Arabic window would stand at the wrong side.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._led = self.alignment()
        self._lead()

    def changeEvent(self, event: QEvent) -> None:
        """The language runs the other way."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._lead()

    def _lead(self) -> None:
        if self.alignment() != self._led:
            return  # somebody chose another place for it
        flag = Qt.AlignmentFlag
        side = flag.AlignRight if self.isRightToLeft() else flag.AlignLeft
        self.setAlignment(side | flag.AlignAbsolute | (self._led & flag.AlignVertical_Mask))
        self._led = self.alignment()


def label(text: str = "", name: str = "", *, role: str = "", wrap: bool = False) -> QLabel:
    """A line of text; *role* is "title", "heading", "hint", "strong" or nothing."""
    made = Label(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if wrap:
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)  # a policy of one's own forgets that the text wraps
        made.setSizePolicy(policy)
    return named(made, name, role=role)


def error_line(name: str) -> QLabel:
    """A line for what went wrong, in the colour of errors; hidden until something has."""
    made = label("", name, wrap=True)
    made.setProperty("tone", "error")
    made.hide()
    return made


class Button(QPushButton):
    """Enter presses the button that has the focus, as Space does; where a field has it, the
    dialog's default button.
    """

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if not enter or held != Qt.KeyboardModifier.NoModifier:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():  # a key that is held down is one press
            self.click()


def button(
    text: str,
    name: str,
    clicked: Callable[[], Any] | None = None,
    *,
    look: str = "",
    tip: str = "",
    spoken: str = "",
) -> QPushButton:
    """A push button; *look* is "primary", "danger", "quiet" or nothing."""
    made = Button(text)
    made.setAutoDefault(False)
    if tip:
        made.setToolTip(tip)
    if clicked is not None:
        made.clicked.connect(lambda _checked=False: clicked())
    return named(made, name, spoken or text.replace("&", ""), look=look)


def tool(text: str, name: str, *, tip: str = "", spoken: str = "") -> QToolButton:
    """A flat button of a tool bar."""
    made = QToolButton()
    made.setText(text)
    made.setAutoRaise(True)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if tip:
        made.setToolTip(tip)
    return named(made, name, spoken or tip or text)


def column(
    *parts: QWidget | QLayout | int | None, margin: int = 0, gap: int = GAP, grow: int | None = None
) -> QVBoxLayout:
    """Parts below each other; a number is a stretch, None is left out; part
    number *grow* takes what room is left.
    """
    layout = QVBoxLayout()
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(gap)
    _fill(layout, parts)
    if grow is not None:
        layout.setStretch(grow, 1)
    return layout


def row(
    *parts: QWidget | QLayout | int | None, margin: int = 0, gap: int = GAP, grow: int | None = None
) -> QHBoxLayout:
    """Parts beside each other; a number is a stretch, None is left out; part
    number *grow* takes what room is left.
    """
    layout = QHBoxLayout()
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(gap)
    _fill(layout, parts)
    if grow is not None:
        layout.setStretch(grow, 1)
    return layout


def _fill(layout: QHBoxLayout | QVBoxLayout, parts: tuple[Any, ...]) -> None:
    for part in parts:
        if isinstance(part, int):
            layout.addStretch(part)
        elif isinstance(part, QLayout):
            layout.addLayout(part)
        elif part is not None:
            layout.addWidget(part)


def field_row(form: QFormLayout, text: str, field: QWidget, *beside: QWidget) -> None:
    """A row of a form whose label leads to *field*; more parts may stand beside it."""
    caption = label(text)
    caption.setBuddy(field)
    form.addRow(caption, row(field, *beside, 1) if beside else field)


def part_tabs(name: str, spoken: str) -> QTabWidget:
    """Tabs of a page. Where there is little room their texts are shortened, each told whole by its
    tool tip; no tab hides behind arrows. They are added by :func:`add_tab`.
    """
    made = named(QTabWidget(), name, spoken)
    made.setDocumentMode(True)
    made.setUsesScrollButtons(False)
    made.setElideMode(Qt.TextElideMode.ElideRight)
    return made


def add_tab(tabs: QTabWidget, page: QWidget, text: str) -> None:
    """A further tab of *tabs*, whose tool tip tells its whole text."""
    tabs.setTabToolTip(tabs.addTab(page, text), text)


def scrolled(inner: QWidget, name: str, **properties: Any) -> QScrollArea:
    """*inner* in an area that only scrolls up and down, and that no key leads to by itself."""
    area = named(QScrollArea(), name, **properties)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inner)
    return area


def keep_room(part: W) -> W:
    """Let *part* keep its room while it is hidden, so that what stands above it stays there."""
    policy = part.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    part.setSizePolicy(policy)
    return part


def select_row(table: QTableView, place: int) -> None:
    """Select a row. Qt's own way finds no column where the page runs from right to left."""
    how = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
    table.selectionModel().setCurrentIndex(table.model().index(place, 0), how)


class OnEnter(QObject):
    """Calls *act* when Enter is pressed in *table*, as a double click does. Lives with *table*."""

    def __init__(self, table: QTableView, act: Callable[[], object]) -> None:
        super().__init__(table)
        self._act = act
        table.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter goes no further; every other key does."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        ):
            self._act()
            return True
        return super().eventFilter(watched, event)


def line(name: str = "line") -> QFrame:
    """A hairline between groups."""
    made = QFrame()
    made.setFrameShape(QFrame.Shape.HLine)
    made.setFixedHeight(1)
    return named(made, name, role="hairline")
