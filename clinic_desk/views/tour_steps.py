"""The steps of the tour in their order: what a receptionist does on a busy morning."""

from __future__ import annotations

from collections.abc import Callable

from clinic_desk.views import tour_admin as admin
from clinic_desk.views import (
    tour_api,
    tour_case,
    tour_consent,
    tour_mail,
    tour_patients,
    tour_visit,
)
from clinic_desk.views import tour_booking as booking
from clinic_desk.views import tour_calendar as board
from clinic_desk.views import tour_desk as desk
from clinic_desk.views import tour_operational as operational
from clinic_desk.views.tour_walk import Walk

STEPS: dict[str, Callable[[Walk], None]] = {
    "sign in": board.sign_in,
    "the week": board.the_week,
    "drag a visit to Thursday": board.drag_to_thursday,
    "Ctrl+Z, Ctrl+Shift+Z": board.undo_and_redo,
    "a drop on taken time says every reason and ways out": board.refused_drop,
    "drag an edge, undo from the message": board.resize,
    "sweep free time, find the patient, book": board.sweep_and_book,
    "day by provider, day by room": desk.day_views,
    "month and list": desk.month_and_list,
    "requests: approve": desk.requests,
    "home": desk.home,
    "editor: notes, history": desk.editor_with_history,
    "a visit is paid in cash; a word to the colleagues": tour_visit.payment_and_chat,
    "the case of a visit: another name, one more visit, history": tour_case.case,
    "a visit repeats; cancelling one asks about the others": tour_case.series,
    "Ctrl+K to a patient and to +3w; F1": desk.command_line,
    "new appointment step by step": booking.new_appointment,
    "Ctrl+K: one line books": booking.one_line,
    "a patient: found, noted on, a likely double named": tour_patients.page,
    "two records become one": tour_patients.merge,
    "another program's patients from a CSV file": tour_patients.bring,
    "pick up, carry and drop by keyboard": desk.by_keyboard,
    "pinboard to the next week": desk.pinboard,
    "a second desk's change appears here": desk.second_window,
    "dark and light": desk.dark_and_back,
    "print day and week as PDF": desk.print_pdf,
    "Ctrl+L: locked, and opened by the password": admin.lock,
    "sign out; an administrator signs in": admin.administrator,
    "staff: a new colleague, the approvals box": admin.staff,
    "roles: a copy with one permission more": admin.roles,
    "mail, outbox, a letter in the clinic's own words": tour_mail.mail,
    "API access: a token for the website, withdrawn again": tour_api.tokens,
    "shorter hours name the visits outside them": operational.hours,
    "two weeks of vacation": operational.time_off,
    "a meeting that comes back": operational.meeting,
    "forms stand in categories": operational.forms,
    "another clinic's patient: consent on a signed form": tour_consent.consent,
    "the register of consents, and one withdrawn": tour_consent.register,
    "the colleague signs in and chooses a password": admin.first_sign_in,
}
