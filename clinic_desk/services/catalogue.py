"""What an organisation offers, where, when and by whom: read as a whole, kept in memory.

Types, hours and roles are asked for at every booking and change once a month. So each
process holds one frozen :class:`Catalogue` an organisation, numbered by the deed that it has
seen; the door reads it anew when a newer deed has touched it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import peewee

from clinic_desk.models import catalogue as shelf
from clinic_desk.models import people
from clinic_desk.rules import clinic_time, hours, permissions
from clinic_desk.rules.errors import Unavailable
from clinic_desk.rules.spans import Span, merged
from clinic_desk.rules.words import N_
from clinic_desk.services import rows as r
from clinic_desk.services.cards import (
    CodeCard,
    LocationCard,
    OperatoryCard,
    OrganisationCard,
    ProviderCard,
    TypeCard,
)

if TYPE_CHECKING:
    from clinic_desk.services.actor import Actor
    from clinic_desk.services.store import Store

R = TypeVar("R", bound=peewee.Model)


@dataclass(frozen=True)
class UserCard:
    """Somebody who signs in, without the password."""

    id: int
    name: str
    display_name: str
    role_id: int
    provider_id: int | None
    language: str
    active: bool
    approvals: bool = False


@dataclass(frozen=True)
class RoleCard:
    """A named set of permissions as it was saved, and what of it is in use."""

    id: int
    name: str
    permissions: frozenset[str]
    granted: frozenset[str]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """One organisation as it stood at deed number ``seq``. Keys of the mappings are ids."""

    seq: int
    organisation: OrganisationCard
    locations: Mapping[int, LocationCard]
    operatories: Mapping[int, OperatoryCard]
    providers: Mapping[int, ProviderCard]
    types: Mapping[int, TypeCard]
    qualifications: Mapping[int, str]
    users: Mapping[int, UserCard]
    roles: Mapping[int, RoleCard]
    clinic_hours: Mapping[int, tuple[hours.Weekly, ...]]
    closed_days: Mapping[int, Mapping[date, str]]
    work_hours: Mapping[int, tuple[hours.Weekly, ...]]
    work_exceptions: Mapping[int, tuple[hours.OneDay, ...]]
    service_codes: Mapping[int, CodeCard] = field(default_factory=dict)
    service_modifiers: Mapping[int, CodeCard] = field(default_factory=dict)
    provider_weekdays: Mapping[int, Mapping[int, int]] = field(default_factory=dict)
    """Provider to weekday (0 is Monday) to the location where they usually are."""

    def time_zone(self, location_id: int | None) -> str:
        """The zone of a location; the organisation's where there is none."""
        place = self.locations.get(location_id or 0)
        return place.time_zone if place else self.organisation.time_zone

    def usual_location(self, provider_id: int, day: date) -> int | None:
        """Where a provider usually is on that day of the week, else wherever by default."""
        usual = self.provider_weekdays.get(provider_id, {}).get(day.weekday())
        return usual or self.providers[provider_id].default_location_id

    def room_by_hours(
        self, provider_id: int, location_id: int | None, begins: datetime
    ) -> int | None:
        """The room that the provider's work hours name for this instant at the location."""
        local = begins.astimezone(clinic_time.zone(self.time_zone(location_id)))
        minute = local.hour * 60 + local.minute
        for weekly in self.work_hours.get(provider_id, ()):
            if (
                weekly.location_id == location_id
                and weekly.starts_minute <= minute < weekly.ends_minute
                and weekly.operatory_id
                and weekly.holds_on(local.date())
            ):
                return weekly.operatory_id
        return None

    def usual_room(self, provider_id: int, location_id: int, begins: datetime) -> int | None:
        """The room to be taken first, where it is free: that of the hours, else the location's."""
        by_hours = self.room_by_hours(provider_id, location_id, begins)
        return by_hours or self.locations[location_id].default_operatory_id

    def permissions_of(self, user_id: int) -> frozenset[str]:
        """What a user may do today: what the role grants, approving and declining requests only
        where that is ticked for the user. Nothing where the user is gone or shut out.
        """
        user = self.users.get(user_id)
        if user is None or not user.active or user.role_id not in self.roles:
            return frozenset()
        granted = self.roles[user.role_id].granted
        return granted if user.approvals else granted - permissions.TICKED

    def qualified(self, provider_id: int, type_id: int) -> bool:
        """Whether the provider may give the type: it asks for nothing, or they share one."""
        wanted = self.types[type_id].qualification_ids
        return not wanted or bool(wanted & self.providers[provider_id].qualification_ids)

    def closed_name(self, location_id: int | None, day: date) -> str | None:
        """The name of the closed day, or None where the location is not closed."""
        return self.closed_days.get(location_id or 0, {}).get(day)

    def provider_hours(
        self, provider_id: int, days: Iterable[date], zone: ZoneInfo | None = None
    ) -> list[tuple[int, Span]]:
        """When and where a provider works on *days*: (location id, span), sorted by time.

        The wall times of the hours are those of the location they belong to. *zone* is the
        zone of *days* and only says where a day begins for whoever asks.
        """
        weekly = self.work_hours.get(provider_id, ())
        one_days = self.work_exceptions.get(provider_id, ())
        wanted = list(days)
        out: list[tuple[int, Span]] = []
        at = [w.location_id for w in weekly] + [e.location_id for e in one_days]
        for name in dict.fromkeys(self.time_zone(location_id) for location_id in at):
            place = clinic_time.zone(name)
            for day in wanted:
                for location_id, span in hours.located_spans(weekly, one_days, (), day, place):
                    if location_id is None or self.time_zone(location_id) != name:
                        continue
                    if day not in self.closed_days.get(location_id, {}):
                        out.append((location_id, span))
        return sorted(out, key=lambda item: item[1])

    def clinic_spans(
        self, location_id: int | None, days: Iterable[date], zone: ZoneInfo | None = None
    ) -> tuple[Span, ...]:
        """When a location is open on *days*; without a location, or without hours, always."""
        place = clinic_time.zone(self.time_zone(location_id))
        weekly = self.clinic_hours.get(location_id or 0)
        if not weekly:
            return tuple(clinic_time.day_span(day, zone or place) for day in days)
        closed = self.closed_days.get(location_id or 0, {})
        spans = [s for day in days for s in hours.open_spans(weekly, (), closed, day, place)]
        return tuple(merged(spans))


def catalogue(actor: Actor) -> Catalogue:
    """The actor's catalogue as it stands now: one small question, and a reading if it changed."""
    (newest,) = actor.store.rows(
        "SELECT COALESCE(MAX(catalogue_seq), 0) FROM deed WHERE organisation_id = ? AND seq ="
        " (SELECT MAX(seq) FROM deed WHERE organisation_id = ?)",
        (actor.organisation_id, actor.organisation_id),
    )
    return actor.store.catalogue(actor.organisation_id, at_least=int(newest[0]))


def load(store: Store, organisation_id: int) -> Catalogue:
    """Read the whole catalogue: eighteen small queries, each bounded by the organisation."""
    head = store.rows(
        "SELECT COALESCE(MAX(seq), 0) FROM deed WHERE organisation_id = ?", (organisation_id,)
    )
    rows = store.rows(f"{r.selecting(people.Organisation)} WHERE id = ?", (organisation_id,))
    if not rows:
        raise Unavailable(
            N_("This clinic is no longer in the database; it was made anew."),
            way_out=N_("Sign out, and sign in again."),
        )
    own = r.row(people.Organisation, rows[0])

    def all_of(model: type[R]) -> list[R]:
        statement = f"{r.selecting(model)} WHERE organisation_id = ? ORDER BY id"
        return r.rows(model, store.rows(statement, (organisation_id,)))

    skills: dict[int, set[int]] = {}
    for has in all_of(shelf.ProviderQualification):
        skills.setdefault(has.provider_id, set()).add(has.qualification_id)
    asks: dict[int, set[int]] = {}
    for wants in all_of(shelf.TypeQualification):
        asks.setdefault(wants.type_id, set()).add(wants.qualification_id)
    closed: dict[int, dict[date, str]] = {}
    for closing in all_of(shelf.ClosedDay):
        closed.setdefault(closing.location_id, {})[closing.day] = closing.name
    usual: dict[int, dict[int, int]] = {}
    for at in all_of(shelf.ProviderWeekday):
        usual.setdefault(at.provider_id, {})[at.weekday] = at.location_id
    return Catalogue(
        seq=int(head[0][0]),
        organisation=OrganisationCard(
            own.id,
            own.uuid,
            own.name,
            own.time_zone,
            own.country,
            own.step_minutes,
            own.overbooking,
        ),
        locations={
            x.id: LocationCard(
                x.id,
                x.uuid,
                x.name,
                x.address,
                x.time_zone,
                x.active,
                x.phone,
                x.default_operatory_id,
                x.version,
            )
            for x in all_of(shelf.Location)
        },
        operatories={
            x.id: OperatoryCard(
                x.id, x.uuid, x.name, x.location_id, x.position, x.active, x.version
            )
            for x in _placed(all_of(shelf.Operatory))
        },
        providers={
            x.id: provider_card(x, skills.get(x.id, set()))
            for x in _placed(all_of(people.Provider))
        },
        types={
            x.id: type_card(x, asks.get(x.id, set()))
            for x in _placed(all_of(shelf.AppointmentType))
        },
        qualifications={x.id: x.name for x in all_of(shelf.Qualification)},
        users={
            x.id: UserCard(
                x.id,
                x.name,
                x.display_name,
                x.role_id,
                x.provider_id,
                x.language,
                x.active,
                x.approvals,
            )
            for x in all_of(people.User)
        },
        roles={
            x.id: RoleCard(x.id, x.name, names, permissions.granted(names))
            for x in all_of(people.Role)
            for names in (frozenset(json.loads(x.permissions)),)
        },
        clinic_hours=_grouped(
            (x.location_id, hours.Weekly(x.weekday, x.starts_minute, x.ends_minute))
            for x in all_of(shelf.ClinicHours)
        ),
        closed_days=closed,
        work_hours=_grouped(
            (
                x.provider_id,
                hours.Weekly(
                    x.weekday,
                    x.starts_minute,
                    x.ends_minute,
                    weeks=x.weeks,
                    location_id=x.location_id,
                    operatory_id=x.operatory_id,
                ),
            )
            for x in all_of(shelf.WorkHours)
        ),
        work_exceptions=_grouped(
            (
                x.provider_id,
                hours.OneDay(x.day, x.starts_minute, x.ends_minute, location_id=x.location_id),
            )
            for x in all_of(shelf.WorkException)
        ),
        service_codes={x.id: code_card(x) for x in _placed(all_of(shelf.ServiceCode))},
        service_modifiers={x.id: code_card(x) for x in _placed(all_of(shelf.ServiceModifier))},
        provider_weekdays=usual,
    )


def _placed(found: Sequence[Any]) -> list[Any]:
    return sorted(found, key=lambda x: (x.position, x.id))


def _grouped(pairs: Iterable[tuple[int, Any]]) -> dict[int, tuple[Any, ...]]:
    out: dict[int, list[Any]] = {}
    for key, value in pairs:
        out.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in out.items()}


def code_card(row: shelf.ServiceCode | shelf.ServiceModifier) -> CodeCard:
    """The card of a service code's or a modifier's row."""
    return CodeCard(row.id, row.uuid, row.code, row.name, row.active, row.position, row.version)


def provider_card(row: people.Provider, skills: Collection[int]) -> ProviderCard:
    """The card of a provider's row, with the qualifications of these numbers."""
    name = " ".join(part for part in (row.title, row.last_name) if part)
    return ProviderCard(
        id=row.id,
        uuid=row.uuid,
        name=name,
        title=row.title,
        first_name=row.first_name,
        last_name=row.last_name,
        initials=row.initials,
        colour=row.colour,
        qualification_ids=frozenset(skills),
        default_location_id=row.default_location_id,
        position=row.position,
        active=row.active,
        email=row.email,
        service_code_id=row.service_code_id,
        version=row.version,
    )


def type_card(row: shelf.AppointmentType, asks: Collection[int]) -> TypeCard:
    """The card of a type's row, for whoever has one of these qualifications."""
    return TypeCard(
        id=row.id,
        uuid=row.uuid,
        code=row.code,
        name=row.name,
        minutes=row.minutes,
        before_minutes=row.before_minutes,
        after_minutes=row.after_minutes,
        colour=row.colour,
        requires_exam=row.requires_exam,
        qualification_ids=frozenset(asks),
        active=row.active,
        position=row.position,
        service_code_id=row.service_code_id,
        version=row.version,
    )
