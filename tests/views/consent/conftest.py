"""A clinic at whose desk somebody sits, and another one that keeps a record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from clinic_desk.services import consent_code
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import PatientCard
from clinic_desk.services.consent_cards import AskedCard
from clinic_desk.views import theme
from clinic_desk.views.consent import ask
from clinic_desk.views.consent.dialog import ConsentDialog
from tests import builders
from tests.services import consenting
from tests.services.consenting import Two
from tests.views.conftest import elsewhere, quiet

DRAFT: dict[str, Any] = {
    "first_name": "Xan",
    "last_name": "Typed",
    "email": "xq.private@post.example",
    "phone": "",
    "gender": None,
    "date_of_birth": None,
}
"""As the form of a new patient gives it."""


@pytest.fixture
def two(clinic: builders.Clinic, actor: Actor) -> Two:
    """The desk's clinic sends mails; the other one has the record."""
    return elsewhere(consenting.beside, clinic, actor)


@pytest.fixture
def clinic(store) -> builders.Clinic:
    return builders.a_clinic(store, name="Asker")


@pytest.fixture
def taken() -> list[PatientCard]:
    """Whom the dialog handed back."""
    return []


@pytest.fixture
def dialog(qtbot, qapp, two, desk, guarded, taken):
    """The dialog as the form of a new patient opens it."""
    theme.apply(qapp, "light")
    guarded()
    behind = QWidget()
    qtbot.addWidget(behind)
    behind.show()
    made = ask.begin(desk, DRAFT, behind, taken.append)
    qtbot.waitUntil(made.isVisible)
    quiet(qtbot, desk)
    yield made
    quiet(qtbot, desk)


def read_message(two: Two, card: AskedCard) -> str:
    """The code that the person reads in their newest message."""

    def minted() -> str:
        found = consent_code.mint(two.store, card.id, datetime.now(UTC))
        assert found is not None
        return found.code

    return elsewhere(minted)


def shown(dialog: ConsentDialog) -> str:
    """Every text in the dialog, seen and hidden, tips and spoken names too."""
    texts: list[str] = []
    for widget in [dialog, *dialog.findChildren(QWidget)]:
        texts += [widget.accessibleName(), widget.toolTip(), widget.accessibleDescription()]
        for name in ("text", "placeholderText", "windowTitle"):
            found = getattr(widget, name, None)
            if callable(found):
                texts.append(str(found()))
    return "\n".join(texts)
