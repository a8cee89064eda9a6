"""The palettes: complete, readable, and the only place where a colour is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QPalette
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QTableView,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

import clinic_desk.views
from clinic_desk.rules import colour
from clinic_desk.views import theme

PALETTES = ("light", "dark")
SOURCES = sorted(Path(clinic_desk.views.__path__[0]).rglob("*.py"))

TEXTS = [
    *[(ink, ground) for ink in ("text", "text.soft", "text.faint")
      for ground in ("window", "surface", "surface.raised", "grid", "grid.today", "grid.closed",
                     "header", "ruler")],
    ("accent.text", "accent"), ("accent.text", "accent.hover"), ("selection.text", "selection"),
    ("tooltip.text", "tooltip"), ("ghost.label.text", "ghost.label"), ("card.ink", "card.base"),
    ("header.today.text", "header.today"), ("card.done.ink", "card.done"),
    ("event.ink", "event.fill"), ("event.ink", "event.hatch"), ("grid", "grid.now"),
    ("accent", "surface"), ("accent", "accent.soft"), ("text", "mini.period"),
    *[(f"state.{state}", ground) for state in ("good", "warning", "error")
      for ground in ("window", "surface.raised", f"state.{state}.fill")],
    *[("text", f"state.{state}.fill") for state in ("good", "warning", "error")],
]  # fmt: skip
SIGNS = [
    ("focus", "grid"), ("focus", "window"), ("focus", "surface"), ("grid.now", "grid"),
    ("ghost.legal", "grid"), ("ghost.refused", "grid"), ("border.strong", "surface"),
    ("event.stripe", "event.fill"), ("cursor", "grid.closed"), ("forbidden", "grid"),
]  # fmt: skip


def ratio(name: str, one: str, other: str) -> float:
    found = theme.load(name).colours
    return colour.contrast(colour.parse(found[one]), colour.parse(found[other]))


@pytest.mark.parametrize("name", PALETTES)
@pytest.mark.parametrize(("ink", "ground"), TEXTS)
def test_text_reads_on_its_ground(name, ink, ground):
    assert ratio(name, ink, ground) >= colour.TEXT_CONTRAST


@pytest.mark.parametrize("name", PALETTES)
@pytest.mark.parametrize(("sign", "ground"), SIGNS)
def test_signs_stand_out_from_their_ground(name, sign, ground):
    assert ratio(name, sign, ground) >= colour.SIGN_CONTRAST


def test_both_palettes_know_the_same_meanings():
    assert set(theme.load("light").colours) == set(theme.load("dark").colours)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_meaning_that_is_asked_for_exists(path):
    text = path.read_text("utf-8")
    asked = set(re.findall(r"(?:theme|palette)\.colour\(\"([a-z.]+)\"\)", text))

    assert asked <= set(theme.load("light").colours)


CALENDAR = [path for path in SOURCES if path.parent.name == "agenda"]


@pytest.mark.parametrize("path", CALENDAR, ids=lambda path: path.name)
def test_the_calendar_writes_no_colour_of_its_own(path):
    assert not re.findall(r"#[0-9a-fA-F]{6}\b", path.read_text("utf-8"))


@pytest.mark.parametrize("name", PALETTES)
def test_the_style_sheet_is_filled(name):
    assert not re.search(r"\{[a-z.]+\}", theme.load(name).style_sheet())


def test_the_program_takes_the_palette_and_tells_everybody(qapp, qtbot):
    theme.apply(qapp, "light")
    with qtbot.waitSignal(theme.notifier().theme_changed) as told:
        theme.apply(qapp, "dark")
    try:
        assert told.args[0].dark
        assert theme.current().name == theme.mode() == "dark"
        window = qapp.palette().color(QPalette.ColorRole.Window)
        assert window == theme.colour("window")
    finally:
        theme.apply(qapp, "light")


def test_the_system_decides_until_somebody_chooses(qapp):
    try:
        assert theme.apply(qapp, "system").name in PALETTES
        assert theme.mode() == "system"
    finally:
        theme.apply(qapp, "light")


def test_an_unknown_theme_is_refused(qapp):
    with pytest.raises(ValueError, match="purple"):
        theme.apply(qapp, "purple")


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_pictures_of_the_controls_are_there_in_either_palette(name):
    named = re.findall(r'url\("([^"]+)"\)', theme.load(name).style_sheet())
    assert len(set(named)) == 2
    for place in named:
        assert Path(place).name.endswith(f"-{name}.svg")
        assert QSvgRenderer(place).isValid()


@pytest.mark.parametrize("name", PALETTES)
@pytest.mark.parametrize("kind", [QTableView, QListView, QTreeView])
def test_a_list_with_the_focus_has_a_ring_and_nothing_moves_for_it(qtbot, qapp, name, kind):
    theme.apply(qapp, name)
    window = QWidget()
    field, listed = QLineEdit(), kind()
    listed.setFrameShape(QFrame.Shape.NoFrame)
    listed.setModel(QStringListModel(["one", "two"], window))
    box = QVBoxLayout(window)
    box.addWidget(field)
    box.addWidget(listed)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    field.setFocus()

    def edge() -> str:
        picture = listed.grab().toImage()
        return str(picture.pixelColor(1, picture.height() // 2).name())

    before, place = edge(), listed.viewport().geometry()
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert listed.hasFocus()
    assert edge() == theme.colour("focus").name() != before
    assert listed.viewport().geometry() == place
    theme.apply(qapp, "light")
