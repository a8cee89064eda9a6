"""The tour to another clinic's patient: asked for consent on paper, registered, and taken back."""

from __future__ import annotations

from PySide6.QtCore import Qt

from clinic_desk.views import robot
from clinic_desk.views.consent.dialog import ConsentDialog
from clinic_desk.views.consent.paper_form import to_pdf
from clinic_desk.views.consent.register import RegisterPage
from clinic_desk.views.robot import find, sure, until
from clinic_desk.views.tour_walk import Walk

NAME, LAST, EMAIL = "Wilhelmine", "Anderswo", "wilhelmine@anderswo.example"


def consent(walk: Walk) -> None:
    """Somebody whom the demo's other clinic knows: nothing is told, a form is signed."""
    _known_elsewhere(walk)
    window = walk.window
    robot.click(window.navigation.buttons["patients"])
    walk.quiet()
    screen = window.screens.patients
    robot.click(screen.list.new)
    form = screen.form
    until("the form", form.isVisible)
    robot.write(form.fields.line("last_name"), "Typed")
    robot.write(form.fields.line("email"), EMAIL)
    robot.click(form.save)
    until("a way into consent", form.consent.isVisible)
    sure("nobody is named", NAME not in form.told.text() and LAST not in form.told.text())
    walk.album.take(window, "in-use-elsewhere")
    robot.click(form.consent)
    dialog = find(window, ConsentDialog, "consent")
    walk.quiet()
    walk.album.take(dialog, "consent-ask")
    _on_paper(walk, dialog)
    until("the patient's page", screen.card.isVisible)
    walk.quiet()
    walk.album.take(window, "registered-with-consent")


def _on_paper(walk: Walk, dialog: ConsentDialog) -> None:
    robot.click(dialog.on_paper)
    until("the form on paper", dialog.paper.isVisible)
    card = dialog.card
    paper = dialog.paper
    assert card is not None
    form = paper.form()
    assert form is not None
    file = walk.folder / "signed.pdf"
    sure("a form of one page", to_pdf(form, file, "en") == 1)
    paper.take(file)
    until("the scan", lambda: paper.scan is not None)
    robot.write(paper.reason, "Has no mail at hand")
    robot.key(dialog.agree.agrees, Qt.Key.Key_Space)
    walk.quiet()
    walk.album.take(dialog, "consent-paper")
    robot.click(dialog.agree.go)
    until("the registration", dialog.go_on.isVisible)
    walk.quiet()
    sure("their name", LAST in dialog.text.text())
    walk.album.take(dialog, "consent-registered")
    robot.key(dialog.go_on, Qt.Key.Key_Return)


def register(walk: Walk) -> None:
    """The register of consents: it stands there, and is taken back with a reason."""
    window = walk.window
    robot.click(window.navigation.buttons["admin"])
    page = window.screens.admin.show_page("consents")
    assert isinstance(page, RegisterPage)
    until("the consent", page.model.rowCount)
    page.table.setFocus()
    robot.key(page.table, Qt.Key.Key_Home)
    walk.quiet()
    walk.album.take(window, "consents")
    robot.click(page.detail.withdraw)
    robot.write(page.detail.reason, "She asked for it")
    walk.album.take(window, "consent-withdraw")
    robot.key(page.detail.reason, Qt.Key.Key_Return)
    walk.quiet()
    card = page.detail.card
    sure("it is withdrawn", card is not None and not card.can_be_withdrawn)
    sure("with its reason", card is not None and card.reason == "She asked for it")


def _known_elsewhere(walk: Walk) -> None:
    """Let the demo's other clinic register somebody, on the writer's thread."""
    from clinic_desk.services import patients
    from clinic_desk.services.actor import Actor

    own = walk.window.desk.actor

    def write() -> None:
        others = own.store.rows(
            "SELECT id FROM organisation WHERE id <> ? ORDER BY id LIMIT 1", (own.organisation_id,)
        )
        may = frozenset({"Customer Create"})
        other = Actor(own.store, others[0][0], None, "Tour", "", may)
        patients.create(other, first_name=NAME, last_name=LAST, email=EMAIL)

    answers: list[object] = []
    walk.window.desk.background.write(write, done=lambda _answer: answers.append(True))
    until("somebody at the other clinic", lambda: answers)
