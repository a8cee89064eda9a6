"""What every deed of the history is called. A test sees to it that none is missing."""

from __future__ import annotations

from clinic_desk.i18n import _


def of_visits() -> dict[str, str]:
    """Deeds on visits, their cases, series and calendar events."""
    return {
        "appointment.book": _("Booked"),
        "appointment.move": _("Moved"),
        "appointment.change": _("Changed"),
        "appointment.revise": _("Changed"),
        "appointment.status": _("Status changed"),
        "appointment.room": _("Brought into the room"),
        "case.open": _("Case opened"),
        "case.change": _("Case changed"),
        "case.schedule": _("Appointments scheduled"),
        "event.add": _("Calendar event added"),
        "event.begin": _("Repeating calendar event begun"),
        "event.clear": _("Calendar events removed"),
        "event.move": _("Calendar event moved"),
        "event.remove": _("Calendar event removed"),
        "event.rewrite": _("Calendar events changed"),
        "event.write": _("Calendar events added"),
        "request.approve": _("Request approved"),
        "request.decline": _("Request declined"),
        "series.add": _("Repeated"),
        "series.begin": _("Series begun"),
        "series.cancel": _("Visits of a series cancelled"),
        "series.move": _("Visits of a series moved"),
        "undo": _("Undone"),
        "withdrawn": _("Withdrawn"),
    }


def beside_visits() -> dict[str, str]:
    """Deeds on what lies beside a visit: chat, forms, payment, referral, report."""
    return {
        "category.arrange": _("Categories of forms put in order"),
        "category.change": _("Category of forms changed"),
        "category.create": _("Category of forms created"),
        "category.remove": _("Category of forms removed"),
        "chat.write": _("Message to colleagues written"),
        "form.category": _("Form put into a category"),
        "form.change": _("Form changed"),
        "form.create": _("Form created"),
        "payment.change": _("Payment changed"),
        "payment.create": _("Payment entered"),
        "payment.state": _("State of the payment changed"),
        "questionnaire.answer": _("Questionnaire answered"),
        "questionnaire.category": _("Questionnaire put into a category"),
        "questionnaire.change": _("Questionnaire changed"),
        "questionnaire.create": _("Questionnaire created"),
        "referral.change": _("Referral changed"),
        "referral.create": _("Referral entered"),
        "referral.remove": _("Referral removed"),
        "report.send": _("Report sent"),
        "triage.answer": _("Triage form answered"),
    }


def of_patients() -> dict[str, str]:
    """Deeds on patients, their papers and their consent."""
    return {
        "care.add": _("Added to the care team"),
        "care.remove": _("Taken from the care team"),
        "consent.agree": _("Registered with consent"),
        "consent.close": _("Request for consent closed"),
        "consent.heard": _("Another clinic asked for a record"),
        "consent.paper": _("Registered with a signed form"),
        "consent.take": _("Asked for consent"),
        "consent.verify": _("Code of a consent checked"),
        "consent.withdraw": _("Consent withdrawn"),
        "document.add": _("Document added"),
        "document.begin": _("Document added"),
        "document.remove": _("Document removed"),
        "note.change": _("Note changed"),
        "note.write": _("Note written"),
        "patient.change": _("Patient's data changed"),
        "patient.create": _("Patient registered"),
        "import.begin": _("Import of patients begun"),
        "import.end": _("Import of patients ended"),
        "patient.import": _("Patients imported"),
        "patient.keys": _("Made findable"),
        "patient.merge": _("Records merged"),
        "patient.unmerge": _("Records taken apart"),
    }


def of_the_house() -> dict[str, str]:
    """Deeds on places, hours, providers, types and codes."""
    return {
        "calendar.give": _("Address of a calendar made"),
        "calendar.withdraw": _("Address of a calendar withdrawn"),
        "clinic.change": _("Clinic changed"),
        "code.add": _("Service code added"),
        "code.change": _("Service code changed"),
        "hours.back": _("Weekly hours hold again"),
        "hours.day": _("Hours of a day changed"),
        "hours.off": _("Time off entered"),
        "hours.week": _("Weekly hours changed"),
        "location.add": _("Location added"),
        "location.change": _("Location changed"),
        "modifier.add": _("Modifier added"),
        "modifier.change": _("Modifier changed"),
        "operatory.add": _("Room added"),
        "operatory.change": _("Room changed"),
        "provider.add": _("Provider added"),
        "provider.change": _("Provider changed"),
        "qualification.add": _("Qualification added"),
        "qualification.delete": _("Qualification removed"),
        "qualification.rename": _("Qualification renamed"),
        "type.add": _("Appointment type added"),
        "type.change": _("Appointment type changed"),
    }


def of_the_desk() -> dict[str, str]:
    """Deeds on people, rights, settings and messages."""
    return {
        "lock.minutes": _("Time until the desk locks changed"),
        "mail.settings": _("Mail settings changed"),
        "outbox.retry": _("Message sent again"),
        "outbox.withdraw": _("Message withdrawn"),
        "reminder.write": _("Reminders written"),
        "role.change": _("Role changed"),
        "role.clone": _("Role copied"),
        "role.create": _("Role created"),
        "role.delete": _("Role removed"),
        "setting.put": _("Setting changed"),
        "setting.share": _("Setting of the clinic changed"),
        "template.put": _("Letter changed"),
        "template.reset": _("Letter put back to the shipped words"),
        "token.create": _("Access for another program given"),
        "token.revoke": _("Access of another program withdrawn"),
        "webhook.add": _("Webhook added"),
        "webhook.pause": _("Webhook paused"),
        "webhook.remove": _("Webhook removed"),
        "webhook.renew": _("Secret of a webhook renewed"),
        "webhook.resume": _("Webhook resumed"),
        "webhook.retry": _("Calls of a webhook tried again"),
        "webhook.test": _("Webhook tested"),
        "user.change": _("Staff member changed"),
        "user.create": _("Staff member added"),
        "user.own": _("Own data changed"),
        "user.password": _("Password of a staff member set"),
        "user.renew": _("Own password changed"),
    }


def action_names() -> dict[str, str]:
    """Every action of the history and what it is called."""
    return of_visits() | beside_visits() | of_patients() | of_the_house() | of_the_desk()
