"""How the screens of consent say things."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from clinic_desk import i18n
from clinic_desk.i18n import _, ngettext
from clinic_desk.services.catalogue import RoleCard
from clinic_desk.services.consent_cards import (
    SHARE_NAMES,
    STATE_NAMES,
    Channel,
    ConsentCard,
    Share,
    Side,
    State,
)
from clinic_desk.views import words


def share(group: Share) -> str:
    """A group of data, as the message and the form name it."""
    return _(SHARE_NAMES[group])


def shares(groups: Iterable[Share]) -> str:
    """The groups as one text: they hold commas themselves."""
    return "; ".join(share(group) for group in groups)


def state(value: State) -> str:
    """How far a consent has come."""
    return _(STATE_NAMES[value])


def side(card: ConsentCard) -> str:
    """Which of the two clinics asked."""
    return _("Asked by us") if card.side is Side.ASKS else _("Asked of us")


def channel(value: Channel) -> str:
    """How the person answers."""
    return _("Code by e-mail") if value is Channel.EMAIL else _("Signed paper form")


def who_takes_paper(roles: Iterable[RoleCard], permission: str) -> str:
    """Which roles may record a signed form, for whoever may not."""
    names = [words.isolated(_(role.name)) for role in roles if permission in role.granted]
    return _(
        "You may not record a signed paper form. Ask somebody with one of these roles: {roles}."
    ).format(roles=", ".join(names))


def moment(at: datetime, zone: str) -> str:
    """Day and time of an instant on the wall in *zone*, short."""
    local = words.wall(at, zone)
    told = _("{day}, {times}").format(
        day=words.day_numbers(local.date()), times=words.clock(at, zone)
    )
    return words.isolated(told)


def until(at: datetime | None, zone: str) -> str:
    """How long a consent lasts; None: as long as nobody takes it back."""
    if at is None:
        return _("until it is withdrawn")
    last = words.wall(at - timedelta(microseconds=1), zone).date()  # the end of that day
    return _("until {day}").format(day=words.isolated(words.day_numbers(last)))


def leading(made: QLabel) -> QLabel:
    """Let a text begin at the window's side, whatever letters it begins with: Latin names in an
    Arabic window too.
    """
    side = Qt.AlignmentFlag.AlignRight if i18n.is_right_to_left() else Qt.AlignmentFlag.AlignLeft
    made.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)
    return made


def left(seconds: int) -> str:
    """ "9:41", minutes and seconds."""
    return f"{max(0, seconds) // 60}:{max(0, seconds) % 60:02}"


def tries(count: int) -> str:
    """ "4 tries left"."""
    return ngettext("{count} try left", "{count} tries left", count).format(count=count)


def minutes(count: int) -> str:
    """The time left as it is spoken, in whole minutes."""
    return ngettext("{count} minute left", "{count} minutes left", count).format(count=count)
