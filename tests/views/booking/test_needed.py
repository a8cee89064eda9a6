"""Whoever books can see which permissions that needs, and which of them they have."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QPushButton

from clinic_desk.rules import permissions
from clinic_desk.views.booking.flow import BookingFlow
from clinic_desk.views.booking.needed import GUARDS, NEEDED, PERMISSION, STATE, NeededPermissions
from clinic_desk.views.desk import Desk
from tests import builders
from tests.views.booking.conftest import click
from tests.views.conftest import quiet


def shown(dialog: NeededPermissions) -> dict[str, tuple[str, str]]:
    items = [dialog.list.topLevelItem(n) for n in range(dialog.list.topLevelItemCount())]
    return {item.text(PERMISSION): (item.text(GUARDS), item.text(STATE)) for item in items if item}


def test_each_permission_stands_there_with_a_tick(qtbot, window, flow: BookingFlow):
    click(flow.steps.permissions)
    (dialog,) = flow.findChildren(QDialog, "booking-permissions")

    assert isinstance(dialog, NeededPermissions)
    assert [*shown(dialog)] == [*NEEDED]
    for guards, state in shown(dialog).values():
        assert guards
        assert "✓" in state
    click(dialog.findChild(QPushButton, "booking-permissions-close"))
    quiet(qtbot, window.desk)
    assert flow.isVisible()


def test_what_is_missing_is_crossed_and_who_can_give_it_is_named(qtbot, clinic, background, actor):
    person = builders.an_actor(clinic, frozenset(permissions.ALL) - {"Customer Create"})
    desk = Desk(person, background, actor.store.catalogue(actor.organisation_id))
    dialog = NeededPermissions(desk)
    qtbot.addWidget(dialog)

    assert "✕" in shown(dialog)["Customer Create"][1]
    assert "✓" in shown(dialog)["Customer Show"][1]
    assert "Admin" in dialog.hint.text()


def test_they_all_guard_something():
    assert permissions.granted(NEEDED) == set(NEEDED)
