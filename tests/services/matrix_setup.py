"""The lines of the permission matrix for a clinic's set-up, series and the import of patients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from clinic_desk.rules.hours import OneDay, Weekly
from clinic_desk.rules.spans import Span
from clinic_desk.services import (
    calendar_addresses,
    clinic,
    clinic_event_rows,
    clinic_hours,
    clinic_providers,
    clinic_settings,
    clinic_types,
    form_categories,
    forms,
    patient_import,
    patient_imports,
    patient_table,
    questionnaires,
    series_rows,
    service_codes,
    tokens,
)
from clinic_desk.services.clinic_cards import (
    CodeDraft,
    LocationDraft,
    OperatoryDraft,
    ProviderDraft,
    TypeDraft,
)
from clinic_desk.services.form_categories import FormCategoryDraft
from clinic_desk.services.offer_cards import Seat
from tests.builders import TUESDAY, Clinic
from tests.services.test_diary import booked

MATRIX = {
    "category.arrange": "yyy----",
    "category.change": "yyy-y--",
    "category.change of another's": "yyy----",
    "category.create": "yyy-y--",
    "category.remove": "yyy-y--",
    "category.remove of another's": "yyy----",
    "form.category": "yyy-y--",
    "questionnaire.category": "yyy-y--",
    "questionnaire.category of another's": "yyy----",
    "calendar.give": "y------",
    "calendar.withdraw": "y------",
    "clinic.change": "yy-----",
    "code.add": "yyy----",
    "code.change": "yyy----",
    "event.begin": "yyyyy--",
    "event.clear": "yyyyy--",
    "event.rewrite": "yyyyy--",
    "event.write": "yyyyy--",
    "hours.back": "yyy----",
    "hours.day": "yyy----",
    "hours.off": "yyy----",
    "hours.week": "yyy----",
    "location.add": "yyy----",
    "location.change": "yyy----",
    "modifier.add": "yyy----",
    "modifier.change": "yyy----",
    "operatory.add": "yyy----",
    "operatory.change": "yyy----",
    "import.begin": "yyyy---",
    "import.end": "yyyy---",
    "patient.import": "yyyy---",
    "provider.add": "yyy----",
    "provider.change": "yyy----",
    "qualification.add": "yyy----",
    "qualification.delete": "yyy----",
    "qualification.rename": "yyy----",
    "series.add": "yyyy-y-",
    "series.begin": "yyyy-y-",
    "series.cancel": "yyyy-y-",
    "series.move": "yyyyyy-",
    "token.create": "y------",
    "token.revoke": "y------",
    "type.add": "yyy----",
    "type.change": "yyy----",
}

Step = Callable[[Any, str], Any]


def _add(command: Any, draft: Any) -> Callable[[Any, Any], Step]:
    return lambda scene, actor: lambda a, key: command(a, draft, request_id=key)


def _code(scene: Any, actor: Any) -> Step:
    before = service_codes.add_code(scene.chief, CodeDraft("A1", "Exam")).value
    draft = CodeDraft("A1", "Examination")
    return lambda a, key: service_codes.change_code(a, before, draft, request_id=key)


def _modifier(scene: Any, actor: Any) -> Step:
    before = service_codes.add_modifier(scene.chief, CodeDraft("25", "Apart")).value
    draft = CodeDraft("25", "Separate")
    return lambda a, key: service_codes.change_modifier(a, before, draft, request_id=key)


def _day(scene: Any, actor: Any) -> Step:
    day = TUESDAY + timedelta(days=7)
    hours = (OneDay(day, 540, 720, scene.clinic.location_id),)
    return lambda a, key: clinic_hours.set_day(
        a, scene.clinic.provider_id, day, before=(), hours=hours, request_id=key
    )


def _meeting(scene: Any) -> clinic_event_rows.EventWish:
    clinic_ = scene.clinic
    return clinic_event_rows.EventWish(
        "Team", clinic_.provider_id, clinic_.location_id, clinic_.time_zone
    )


def _noon(scene: Any) -> Span:
    span: Span = scene.clinic.span(12, day=TUESDAY + timedelta(days=30))
    return span


def _begin_events(scene: Any, actor: Any) -> Step:
    return lambda a, key: clinic_event_rows.begin(a, "FREQ=DAILY;COUNT=3", request_id=key)


def _write_events(scene: Any, actor: Any) -> Step:
    wish, spans = _meeting(scene), [_noon(scene)]
    return lambda a, key: clinic_event_rows.write(a, wish, None, spans, request_id=key)


def _rewrite_events(scene: Any, actor: Any) -> Step:
    wish, span = _meeting(scene), _noon(scene)
    (number,) = clinic_event_rows.write(scene.chief, wish, None, [span]).value
    moves = [(number, 1, Span(span.starts_at, span.ends_at + timedelta(minutes=15)))]
    return lambda a, key: clinic_event_rows.rewrite(a, wish, moves, request_id=key)


def _clear_events(scene: Any, actor: Any) -> Step:
    (number,) = clinic_event_rows.write(scene.chief, _meeting(scene), None, [_noon(scene)]).value
    return lambda a, key: clinic_event_rows.clear(a, [(number, 1)], request_id=key)


def _back(scene: Any, actor: Any) -> Step:
    day = TUESDAY + timedelta(days=7)
    clinic_hours.take_off(scene.chief, scene.clinic.provider_id, day, day)
    return lambda a, key: clinic_hours.put_back(
        a, scene.clinic.provider_id, day, day, before=(OneDay(day),), request_id=key
    )


def _off(scene: Any, actor: Any) -> Step:
    day = TUESDAY + timedelta(days=7)
    return lambda a, key: clinic_hours.take_off(
        a, scene.clinic.provider_id, day, day, request_id=key
    )


def _week(scene: Any, actor: Any) -> Step:
    number = scene.clinic.provider_id
    before = clinic_providers.provider(scene.chief, number).weekly
    weekly = (Weekly(1, 540, 1020, location_id=scene.clinic.location_id),)
    return lambda a, key: clinic_hours.set_week(
        a, number, before=before, weekly=weekly, request_id=key
    )


def _location(scene: Any, actor: Any) -> Step:
    before = clinic.location(scene.chief, scene.clinic.location_id)
    draft = LocationDraft("Elsewhere", time_zone=scene.clinic.time_zone, hours=before.hours)
    return lambda a, key: clinic.change_location(a, before, draft, request_id=key)


def _clinic(scene: Any, actor: Any) -> Step:
    before = clinic_settings.get(scene.chief)
    draft = replace(before.draft, name="Elsewhere", country="DE", step_minutes=20)
    draft = replace(draft, overbooking=False, most_megabytes=40, time_zone="Europe/Berlin")
    return lambda a, key: clinic_settings.change(a, before, draft, request_id=key)


def _add_room(scene: Any, actor: Any) -> Step:
    draft = OperatoryDraft("Room 9", scene.clinic.location_id)
    return lambda a, key: clinic.add_operatory(a, draft, request_id=key)


def _room(scene: Any, actor: Any) -> Step:
    before = clinic.operatory(scene.chief, scene.clinic.operatory_id)
    draft = OperatoryDraft("Room 9", scene.clinic.location_id)
    return lambda a, key: clinic.change_operatory(a, before, draft, request_id=key)


def _provider(scene: Any, actor: Any) -> Step:
    before = clinic_providers.provider(scene.chief, scene.clinic.provider_id)
    draft = ProviderDraft("Weiss")
    return lambda a, key: clinic_providers.change(a, before, draft, request_id=key)


def _forget(scene: Any, actor: Any) -> Step:
    number = clinic_providers.add_qualification(scene.chief, "Surgery").value
    return lambda a, key: clinic_providers.delete_qualification(a, number, request_id=key)


def _rename(scene: Any, actor: Any) -> Step:
    number = clinic_providers.add_qualification(scene.chief, "Surgery").value
    return lambda a, key: clinic_providers.rename_qualification(a, number, "Laser", request_id=key)


def _learn(scene: Any, actor: Any) -> Step:
    return lambda a, key: clinic_providers.add_qualification(a, "Surgery", request_id=key)


def _type(scene: Any, actor: Any) -> Step:
    before = clinic_types.type_(scene.chief, scene.clinic.type_id)
    draft = TypeDraft("Cleaning", code="CLN")
    return lambda a, key: clinic_types.change(a, before, draft, request_id=key)


def _seat(where: Clinic, hour: int) -> Seat:
    return Seat(
        where.type_id, where.span(hour), where.provider_id, where.location_id, where.operatory_id
    )


def _begin(scene: Any, actor: Any) -> Step:
    return lambda a, key: series_rows.begin(a, "FREQ=WEEKLY;COUNT=2", request_id=key)


def _extend(scene: Any, actor: Any) -> Step:
    card = booked(scene.clinic, scene.chief)
    number = series_rows.begin(scene.chief, "FREQ=WEEKLY;COUNT=2").value
    seats = [_seat(scene.clinic, 15)]
    return lambda a, key: series_rows.add(a, card.id, number, seats, request_id=key)


def _cancel(scene: Any, actor: Any) -> Step:
    card = booked(scene.clinic, scene.chief)
    return lambda a, key: series_rows.cancel(a, [(card.id, 1)], reason="x", request_id=key)


def _move(scene: Any, actor: Any) -> Step:
    card = booked(scene.clinic, scene.chief)
    moves = [(card.id, 1, _seat(scene.clinic, 15))]
    return lambda a, key: series_rows.move(a, moves, request_id=key)


def _import(scene: Any, actor: Any) -> Step:
    row = patient_table.Row(1, 2, ("Fox", "Ann"))
    given = {"last_name": "Fox", "first_name": "Ann"}
    read = patient_import._Read(row, "0b5c1f0e-7f2b-4b52-8d5c-1f7f6f1f2a11", given, "")
    return lambda a, key: patient_import._write(a, [read], request_id=key)


def _end_import(scene: Any, actor: Any) -> Step:
    number = patient_imports.begin(scene.chief, "old.csv", "").value
    return lambda a, key: patient_imports.end(a, number, {"created": 2}, request_id=key)


def _token(scene: Any, actor: Any) -> Step:
    return lambda a, key: tokens.create(
        a, name="Portal", scopes=("catalogue:read",), request_id=key
    )


def _withdraw_token(scene: Any, actor: Any) -> Step:
    made = tokens.create(scene.chief, name="Portal", scopes=("catalogue:read",)).value
    return lambda a, key: tokens.revoke(a, made.card.id, request_id=key)


def _calendar(scene: Any, actor: Any) -> Step:
    number = scene.clinic.provider_id
    return lambda a, key: calendar_addresses.give(a, number, request_id=key)


def _withdraw_calendar(scene: Any, actor: Any) -> Step:
    made = calendar_addresses.give(scene.chief, scene.clinic.provider_id).value
    return lambda a, key: calendar_addresses.withdraw(a, made.card.id, request_id=key)


def _category(scene: Any, actor: Any) -> int:
    """One's own; who may not make one has none."""
    who = actor if actor.may("Form Category Create") else scene.chief
    return form_categories.create(who, FormCategoryDraft("Pain")).value.id


def _change_category(scene: Any, actor: Any) -> Step:
    number, draft = _category(scene, actor), FormCategoryDraft("Hygiene")
    return lambda a, key: form_categories.change(a, number, draft, version=1, request_id=key)


def _remove_category(scene: Any, actor: Any) -> Step:
    number = _category(scene, actor)
    return lambda a, key: form_categories.remove(a, number, version=1, request_id=key)


def _arrange(scene: Any, actor: Any) -> Step:
    names = [FormCategoryDraft("Pain"), FormCategoryDraft("Hygiene")]
    first, second = (form_categories.create(scene.chief, one).value.id for one in names)
    return lambda a, key: form_categories.arrange(a, [second, first], request_id=key)


FORM = forms.FormDraft("Triage", (forms.Question("q1", "Since when?"),))


def _put_form(scene: Any, actor: Any) -> Step:
    category, number = _category(scene, scene.chief), forms.create(scene.chief, FORM).value.id
    return lambda a, key: forms.put(a, number, category, version=1, request_id=key)


def _put_questionnaire(scene: Any, actor: Any) -> Step:
    who = actor if actor.may("Approval Questionnaire Create") else scene.chief
    category, number = _category(scene, scene.chief), questionnaires.create(who, FORM).value.id
    return lambda a, key: questionnaires.put(a, number, category, version=1, request_id=key)


CASES: dict[str, Callable[[Any, Any], Step]] = {
    "category.arrange": _arrange,
    "category.change": _change_category,
    "category.change of another's": lambda s, a: _change_category(s, s.chief),
    "category.create": _add(form_categories.create, FormCategoryDraft("Pain")),
    "category.remove": _remove_category,
    "category.remove of another's": lambda s, a: _remove_category(s, s.chief),
    "form.category": _put_form,
    "questionnaire.category": _put_questionnaire,
    "questionnaire.category of another's": lambda s, a: _put_questionnaire(s, s.chief),
    "calendar.give": _calendar,
    "calendar.withdraw": _withdraw_calendar,
    "code.add": _add(service_codes.add_code, CodeDraft("A1", "Exam")),
    "clinic.change": _clinic,
    "code.change": _code,
    "event.begin": _begin_events,
    "event.clear": _clear_events,
    "event.rewrite": _rewrite_events,
    "event.write": _write_events,
    "hours.back": _back,
    "hours.day": _day,
    "hours.off": _off,
    "hours.week": _week,
    "location.add": _add(clinic.add_location, LocationDraft("North", time_zone="Europe/Vienna")),
    "location.change": _location,
    "modifier.add": _add(service_codes.add_modifier, CodeDraft("25", "Apart")),
    "modifier.change": _modifier,
    "operatory.add": _add_room,
    "operatory.change": _room,
    "import.begin": lambda s, a: (
        lambda b, key: patient_imports.begin(b, "old.csv", "", request_id=key)
    ),
    "import.end": _end_import,
    "patient.import": _import,
    "provider.add": _add(clinic_providers.add, ProviderDraft("Weiss")),
    "provider.change": _provider,
    "qualification.add": _learn,
    "qualification.delete": _forget,
    "qualification.rename": _rename,
    "series.add": _extend,
    "series.begin": _begin,
    "series.cancel": _cancel,
    "series.move": _move,
    "token.create": _token,
    "token.revoke": _withdraw_token,
    "type.add": _add(clinic_types.add, TypeDraft("Cleaning", code="CLN")),
    "type.change": _type,
}
