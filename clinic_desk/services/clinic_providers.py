"""Providers: who treats, what they have learned, and where they usually are.

Nobody is deleted: whoever left is made inactive. Their hours are written by
:mod:`clinic_desk.services.clinic_hours`.
"""

from __future__ import annotations

import uuid
from dataclasses import replace

from clinic_desk.models.catalogue import (
    ProviderQualification,
    ProviderWeekday,
    Qualification,
    TypeQualification,
)
from clinic_desk.models.people import Provider, Resource
from clinic_desk.rules import fold
from clinic_desk.rules.errors import NotFound, Refused, Stale
from clinic_desk.rules.hours import OneDay, Weekly
from clinic_desk.rules.words import N_
from clinic_desk.services import clinic_fields as fields
from clinic_desk.services import clinic_hours, contacts, impact
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import ProviderCard
from clinic_desk.services.catalogue import Catalogue, catalogue, provider_card
from clinic_desk.services.clinic_cards import ProviderDraft, ProviderFile
from clinic_desk.services.impact import Change, Impact, Scope
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, command, query

IN_USE = N_("“{name}” is what somebody has, or what an appointment type asks for.")
TAKE_AWAY = N_("Take it away from them first.")


@query("Location Get All")
def providers(actor: Actor) -> tuple[ProviderCard, ...]:
    """All providers, those who left too, in the order of the calendar."""
    return tuple(catalogue(actor).providers.values())


@query("Location Show")
def provider(actor: Actor, provider_id: int) -> ProviderFile:
    """One provider with all hours; two queries. Raises ``NotFound``."""
    known = catalogue(actor)
    if provider_id not in known.providers:
        raise NotFound
    return ProviderFile(
        known.providers[provider_id],
        fields.in_order(known.work_hours.get(provider_id, ())),
        clinic_hours.days(actor, provider_id),
        tuple(sorted(known.provider_weekdays.get(provider_id, {}).items())),
    )


@command("Service Update All", action="provider.add")
def add(work: Work, draft: ProviderDraft, *, request_id: str | None = None) -> ProviderCard:
    """Add a provider, after the others, without hours yet. Raises ``Invalid``."""
    tidy = _tidy(draft)
    work.lock()
    _judge(work, tidy)
    number = work.create(Resource, kind="provider").id
    row = work.create(
        Provider,
        id=number,
        uuid=str(uuid.uuid4()),
        position=1 + max((c.position for c in work.catalogue.providers.values()), default=0),
        version=1,
        **_values(tidy),
    )
    for skill in sorted(tidy.qualification_ids):
        work.create(ProviderQualification, provider_id=number, qualification_id=skill)
    for weekday, place in tidy.weekdays:
        _create_weekday(work, number, weekday, place)
    return provider_card(row, tidy.qualification_ids)


@command("Service Update All", action="provider.change")
def change(
    work: Work,
    before: ProviderFile,
    draft: ProviderDraft,
    *,
    accept: frozenset[int] = frozenset(),
    request_id: str | None = None,
) -> ProviderCard:
    """Make a provider what *draft* says; *before* is what was shown, whose hours do not count.

    Raises ``WouldBreak`` for visits that are not in *accept*: they need a qualification that
    was taken away, or the provider is not in use any more. ``Invalid``, ``Stale``.
    """
    tidy, number = _tidy(draft), before.card.id
    reads = (
        Statement(
            f"{r.selecting(model)} WHERE organisation_id = ? AND provider_id = ?",
            (work.organisation_id, number),
        )
        for model in (ProviderQualification, ProviderWeekday)
    )
    found, skills, usual = impact.lock(
        work,
        Scope("provider_id", number),
        as_provider(number, tidy),
        accept,
        work.locked_row(Provider, number),
        *reads,
    )
    row = work.found(Provider, found)
    standing = r.rows(ProviderQualification, skills)
    weekdays = r.rows(ProviderWeekday, usual)
    has = frozenset(s.qualification_id for s in standing)
    at = tuple(sorted((w.weekday, w.location_id) for w in weekdays))
    shown = (before.card.version, before.card.qualification_ids, before.weekdays)
    if (row.version, has, at) != shown:
        raise Stale(provider_card(row, has))
    _judge(work, tidy)
    work.change(row, **_values(tidy))
    fields.rewrite(
        work,
        standing,
        tidy.qualification_ids,
        lambda s: s.qualification_id,
        lambda n: work.create(ProviderQualification, provider_id=number, qualification_id=n),
    )
    fields.rewrite(
        work,
        weekdays,
        tidy.weekdays,
        lambda w: (w.weekday, w.location_id),
        lambda pair: _create_weekday(work, number, *pair),
    )
    return provider_card(row, tidy.qualification_ids)


@query("Location Show")
def would_break(
    actor: Actor,
    provider_id: int,
    draft: ProviderDraft,
    weekly: tuple[Weekly, ...],
    days: tuple[OneDay, ...],
) -> Impact:
    """What would break if a provider's details, weekly hours and exceptions were all these;
    what is given of the past is not read. Three queries, however many visits. Raises ``NotFound``.
    """
    return impact.look(
        actor, Scope("provider_id", provider_id), as_all(provider_id, draft, weekly, days)
    )


def as_all(
    provider_id: int,
    draft: ProviderDraft,
    weekly: tuple[Weekly, ...],
    days: tuple[OneDay, ...],
) -> Change:
    """The catalogue with all of a provider as given."""

    def change(known: Catalogue) -> Catalogue:
        after = as_provider(provider_id, draft)(known)
        after = clinic_hours.as_week(provider_id, weekly)(after)
        return replace(after, work_exceptions={**after.work_exceptions, provider_id: days})

    return change


def as_provider(provider_id: int, draft: ProviderDraft) -> Change:
    """The catalogue with this provider as *draft* says."""

    def change(known: Catalogue) -> Catalogue:
        if provider_id not in known.providers:
            raise NotFound
        card = replace(
            known.providers[provider_id],
            qualification_ids=draft.qualification_ids,
            active=draft.active,
        )
        return replace(known, providers={**known.providers, provider_id: card})

    return change


def _tidy(draft: ProviderDraft) -> ProviderDraft:
    email = fold.clean("email", draft.email)
    return replace(
        draft,
        last_name=fields.required("last_name", draft.last_name),
        first_name=fold.clean("first_name", draft.first_name, longest=fields.LONGEST_NAME),
        title=fold.clean("title", draft.title, longest=40),
        initials=fold.clean("initials", draft.initials, longest=6),
        email=contacts.email(email).shown if email else "",
        colour=fields.colour(draft.colour),
        qualification_ids=frozenset(draft.qualification_ids),
        weekdays=tuple(sorted(dict(draft.weekdays).items())),
    )


def _judge(work: Work, draft: ProviderDraft) -> None:
    known = work.catalogue
    for skill in draft.qualification_ids:
        fields.known("qualification_ids", skill, known.qualifications)
    fields.known("default_location_id", draft.default_location_id, known.locations)
    fields.known("service_code_id", draft.service_code_id, known.service_codes)
    for _weekday, place in draft.weekdays:
        fields.known("weekdays", place, known.locations)


def _values(draft: ProviderDraft) -> dict[str, object]:
    return {
        "title": draft.title,
        "first_name": draft.first_name,
        "last_name": draft.last_name,
        "initials": draft.initials,
        "email": draft.email,
        "colour": draft.colour,
        "default_location_id": draft.default_location_id,
        "service_code_id": draft.service_code_id,
        "active": draft.active,
    }


def _create_weekday(work: Work, provider_id: int, weekday: int, location_id: int) -> None:
    work.create(
        ProviderWeekday,
        provider_id=provider_id,
        weekday=weekday,
        location_id=location_id,
        version=1,
    )


# Qualifications ------------------------------------------------------------------------------


@query("Service Get All")
def qualifications(actor: Actor) -> tuple[tuple[int, str], ...]:
    """All qualifications: number and name, by name."""
    return tuple(sorted(catalogue(actor).qualifications.items(), key=lambda q: fold.key(q[1])))


@query("Service Show")
def qualification(actor: Actor, qualification_id: int) -> tuple[int, str]:
    """Number and name of one. Raises ``NotFound``."""
    name = catalogue(actor).qualifications.get(qualification_id)
    if name is None:
        raise NotFound
    return qualification_id, name


@command("Service Update All", action="qualification.add")
def add_qualification(work: Work, name: str, *, request_id: str | None = None) -> int:
    """Add something that somebody can have learned; gives its number. Raises ``Invalid``."""
    name = fields.required("name", name)
    work.lock()
    fields.free_name("name", name, work.catalogue.qualifications.values())
    return int(work.create(Qualification, uuid=str(uuid.uuid4()), name=name, version=1).id)


@command("Service Update All", action="qualification.rename")
def rename_qualification(
    work: Work,
    qualification_id: int,
    name: str,
    *,
    before: str | None = None,
    request_id: str | None = None,
) -> int:
    """Give a qualification another name. *before* is the one that was changed. Raises
    ``Invalid``, ``NotFound``, ``Stale`` where it has another one by now.
    """
    name = fields.required("name", name)
    (found,) = work.lock(work.locked_row(Qualification, qualification_id))
    row = work.found(Qualification, found)
    if before is not None and row.name != before:
        raise Stale((row.id, row.name))
    others = {n: t for n, t in work.catalogue.qualifications.items() if n != qualification_id}
    fields.free_name("name", name, others.values())
    work.change(row, name=name)
    return qualification_id


@command("Service Update All", action="qualification.delete")
def delete_qualification(
    work: Work, qualification_id: int, *, request_id: str | None = None
) -> None:
    """Take a qualification away that nobody has and nothing asks for. Raises ``Refused``."""
    reads = (
        Statement(
            f"SELECT 1 FROM {r.table(model)} WHERE organisation_id = ?"  # noqa: S608
            " AND qualification_id = ? LIMIT 1",
            (work.organisation_id, qualification_id),
        )
        for model in (ProviderQualification, TypeQualification)
    )
    found, has, asks = work.lock(work.locked_row(Qualification, qualification_id), *reads)
    row = work.found(Qualification, found)
    if has or asks:
        raise Refused(IN_USE, way_out=TAKE_AWAY, name=row.name)
    work.delete(row)
