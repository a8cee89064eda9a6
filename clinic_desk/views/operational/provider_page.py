"""The page of providers: who treats, when, where, and when not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from clinic_desk.i18n import _, ngettext, pgettext
from clinic_desk.rules.errors import Invalid, NotAllowed
from clinic_desk.rules.hours import OneDay, Weekly
from clinic_desk.services.cards import ProviderCard
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.clinic_cards import DayCard, ProviderDraft, ProviderFile
from clinic_desk.services.impact import Impact
from clinic_desk.views import words
from clinic_desk.views.admin.fields import choice, choose
from clinic_desk.views.desk import Desk
from clinic_desk.views.operational import stretches
from clinic_desk.views.operational.book import Book, Form, Step
from clinic_desk.views.operational.calendar_access import CalendarAccess
from clinic_desk.views.operational.days_off import DaysOff
from clinic_desk.views.operational.fields import (
    BookFields,
    ColourField,
    Ticks,
    line_of,
    offer,
    tick,
)
from clinic_desk.views.operational.impact_panel import no_longer_fit, outside_hours
from clinic_desk.views.operational.lines import Line
from clinic_desk.views.operational.stretches import Deed, Other
from clinic_desk.views.operational.usual_places import UsualPlaces
from clinic_desk.views.operational.week_editor import WeekEditor
from clinic_desk.views.widgets import column, label, named

DETAILS, HOURS = "Service Update All", "Hours Update"


@dataclass(frozen=True, slots=True)
class ProviderWish:
    """All that stands in the fields: details, weekly hours, and the exceptions of days."""

    details: ProviderDraft
    weekly: tuple[Weekly, ...]
    days: tuple[tuple[date, Other], ...]


class ProviderForm(Form):
    """Name, colour, qualifications, usual places; weekly hours; time off."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        named(self, "providers-form", _("Provider"))
        self._desk = desk
        edited = self.edited.emit
        self.title = line_of("providers-title-field", pgettext("of a person", "Title"), edited, 140)
        self.first = line_of("providers-first", _("First name"), edited)
        self.last = line_of("providers-last", _("Last name"), edited)
        self.initials = line_of("providers-initials", _("Initials"), edited, 140)
        self.email = line_of("providers-email", _("E-mail"), edited)
        self.colour = ColourField("providers-colour", _("Colour"))
        self.colour.edited.connect(self.edited)
        self.skills = Ticks("providers-skills", _("Qualifications"))
        self.skills.edited.connect(self.edited)
        self.code = choice("providers-code", _("Default service code"), edited)
        self.place = choice("providers-place", _("Default location"), edited)
        self.usual = UsualPlaces("providers-usual", _("Default location by weekday"))
        self.usual.edited.connect(self.edited)
        self.active = tick("providers-active", _("Can be booked"), edited)
        self.fields = BookFields("providers-fields", _("Provider"))
        add = self.fields.add
        add("title", pgettext("of a person", "Title"), self.title)
        add("first_name", _("First name"), self.first)
        add("last_name", _("Last name"), self.last)
        add("initials", _("Initials"), self.initials)
        add("email", _("E-mail"), self.email)
        add("colour", _("Colour"), self.colour)
        add("qualification_ids", _("Qualifications"), self.skills)
        add("service_code_id", _("Default service code"), self.code)
        add("default_location_id", _("Default location"), self.place)
        add("active", "", self.active)
        self.week = WeekEditor("providers-hours", _("Weekly hours"), alternating=True)
        self.week.edited.connect(self.edited)
        self.days = DaysOff("providers-days", _("Time off and other hours"))
        self.days.edited.connect(self.edited)
        self.days.set_today(desk.today())
        self.calendar = CalendarAccess(desk)
        self.usual_heading = label(
            _("Default location by weekday"), "providers-usual-heading", role="heading"
        )
        hours = label(_("Weekly hours"), "providers-hours-heading", role="heading")
        off = label(_("Time off and other hours"), "providers-days-heading", role="heading")
        self.setLayout(
            column(
                self.fields,
                self.usual_heading,
                self.usual,
                hours,
                self.week,
                off,
                self.days,
                label(_("Calendar address"), "providers-calendar-heading", role="heading"),
                self.calendar,
                gap=12,
            )
        )
        self.setFocusProxy(self.last)
        self.set_catalogue(desk.catalogue)

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Offer what the catalogue knows now; what is chosen stays."""
        self.blockSignals(True)
        self.skills.offer(sorted(catalogue.qualifications.items(), key=lambda q: q[1].casefold()))
        codes = catalogue.service_codes.values()
        offer(self.code, _("None"), [(c.id, f"{c.code} {c.name}") for c in codes if c.active])
        known = catalogue.locations.values()
        used = {piece.location_id for piece in self.week.pieces}
        places = {c.id: c.name for c in known if c.active or c.id in used}
        offer(self.place, _("None"), places.items())
        self.usual.set_places(places)
        self.usual_heading.setHidden(len(places) < 2)
        self.usual.setHidden(len(places) < 2)
        self.week.set_places(places)
        self.days.set_places(places)
        self.blockSignals(False)

    def fill(self, shown: ProviderFile | None) -> None:
        """Show a provider, or empty fields."""
        known = self._desk.catalogue
        draft = ProviderDraft("") if shown is None else shown.draft
        self.blockSignals(True)
        self.calendar.show_provider(shown.card if shown else None)
        self.week.set_pieces(shown.weekly if shown else ())
        self.set_catalogue(known)
        self.title.setText(draft.title)
        self.first.setText(draft.first_name)
        self.last.setText(draft.last_name)
        self.initials.setText(draft.initials)
        self.email.setText(draft.email)
        self.colour.set_value(draft.colour)
        self.skills.tick(draft.qualification_ids)
        code = known.service_codes.get(draft.service_code_id or 0)
        choose(self.code, draft.service_code_id, code.code if code else _("Gone"))
        place = known.locations.get(draft.default_location_id or 0)
        choose(self.place, draft.default_location_id, place.name if place else _("Gone"))
        self.usual.set_value(draft.weekdays)
        self.active.setChecked(draft.active)
        self.week.set_place(draft.default_location_id)
        self.week.tell("")
        self.days.set_days(shown.days if shown else ())
        self.blockSignals(False)

    def draft(self) -> ProviderWish:
        """What stands in the fields."""
        return ProviderWish(
            ProviderDraft(
                last_name=self.last.text(),
                first_name=self.first.text(),
                title=self.title.text(),
                initials=self.initials.text(),
                email=self.email.text(),
                colour=self.colour.value(),
                qualification_ids=self.skills.ticked(),
                default_location_id=self.place.currentData(),
                service_code_id=self.code.currentData(),
                weekdays=self.usual.value(),
                active=self.active.isChecked(),
            ),
            self.week.pieces,
            tuple(sorted(self.days.days.items(), key=lambda pair: pair[0])),
        )

    def lock(self, why: str) -> None:
        """Lock what the user's role leaves alone: the details, the hours, or both."""
        details, hours = (
            "" if self._desk.may(name) else words.explained(NotAllowed(name))
            for name in (DETAILS, HOURS)
        )
        super().lock(why or details)
        self.usual.setEnabled(not (why or details))
        self.usual.setToolTip(why or details)
        self.week.lock(why or hours)
        self.days.lock(why or hours)

    def tell(self, error: BaseException) -> bool:
        """Show a refusal beside its field; False where it is about none."""
        if isinstance(error, Invalid) and error.field == "hours":
            self.week.tell(words.explained(error))
            return True
        if isinstance(error, Invalid) and error.field in ("last", "reason"):
            self.days.tell(words.explained(error))
            return True
        return super().tell(error)


def _away(count: int) -> str:
    """ "3 future appointments would have to be placed anew." """
    return ngettext(
        "{count} future appointment would have to be placed anew.",
        "{count} future appointments would have to be placed anew.",
        count,
    ).format(count=count)


class Providers(Book):
    """Who treats."""

    name = "providers"
    kinds = frozenset(
        {
            "provider",
            "work_hours",
            "work_exception",
            "provider_weekday",
            "provider_qualification",
            "qualification",
        }
    )
    changing = DETAILS

    def __init__(self) -> None:
        self.title = _("Providers")
        self.one = _("Provider")
        self.new_text = _("New provider")
        self.choose_text = _("Choose a provider on the left, or add one.")
        self.headings = (_("Name"), _("Qualifications"))

    def allowed(self, desk: Desk) -> bool:
        """Whoever may change the details or the hours."""
        return desk.may(DETAILS) or desk.may(HOURS)

    def form(self, desk: Desk) -> Form:
        """The fields of the page."""
        return ProviderForm(desk)

    def list_query(self) -> Callable[..., Any]:
        """Asks for all of them."""
        from clinic_desk.services import clinic_providers

        return clinic_providers.providers

    def show_query(self) -> Callable[..., Any]:
        """Asks for one by its number."""
        from clinic_desk.services import clinic_providers

        return clinic_providers.provider

    def lines(self, desk: Desk, cards: tuple[ProviderCard, ...]) -> Iterator[Line]:
        """One line of the list for each card."""
        skills = desk.catalogue.qualifications
        for card in cards:
            held = sorted(skills.get(n, "") for n in card.qualification_ids)
            yield Line(card.id, card.name, ", ".join(held), card.active, card.colour)

    def number(self, shown: ProviderFile | ProviderCard) -> int:
        """Its number."""
        return shown.card.id if isinstance(shown, ProviderFile) else shown.id

    def heading(self, shown: ProviderFile) -> str:
        """What stands above the form."""
        return shown.card.name

    def steps(self, shown: ProviderFile | None, draft: ProviderWish) -> list[Step]:
        """Hours first: they break most; each asks about its own visits before it is saved."""
        from clinic_desk.services import clinic_hours, clinic_providers

        if shown is None:
            return [("add", clinic_providers.add, (draft.details,), {})]
        number, out = shown.card.id, list[Step]()
        if set(draft.weekly) != set(shown.weekly):
            more = {"before": shown.weekly, "weekly": draft.weekly, "accept": frozenset()}
            out.append(("week", clinic_hours.set_week, (number,), more))
        for deed in stretches.deeds(stretches.days_of(shown.days), dict(draft.days)):
            out.append(_day_step(number, deed, shown.days))
        if draft.details != shown.draft:
            more = {"accept": frozenset()}
            out.append(("change", clinic_providers.change, (shown, draft.details), more))
        return out

    def preview(
        self, shown: ProviderFile | None, draft: ProviderWish
    ) -> tuple[Callable[..., Impact], tuple[Any, ...]] | None:
        """Asks what details, hours and days would break together, where several differ."""
        from clinic_desk.services import clinic_providers

        if shown is None or len(self.steps(shown, draft)) < 2:
            return None
        days = tuple(one for day, what in draft.days for one in stretches.hours_of(day, what))
        args = (shown.card.id, draft.details, draft.weekly, days)
        return clinic_providers.would_break, args

    def told(self, step: str) -> Callable[[int], str]:
        """How many visits would break, as a sentence."""
        if step.startswith("off"):
            return _away
        return no_longer_fit if step in ("", "change") else outside_hours


def _day_step(number: int, deed: Deed, standing: tuple[DayCard, ...]) -> Step:
    from clinic_desk.services import clinic_hours

    first, last, what = deed.first, deed.last, deed.what
    name = f"{first.isoformat()} {last.isoformat()}"
    before: tuple[OneDay, ...] = tuple(
        card.hours for card in standing if first <= card.hours.day <= last
    )
    if what is None:
        more: dict[str, Any] = {"before": before, "accept": frozenset()}
        return (f"back {name}", clinic_hours.put_back, (number, first, last), more)
    more = {"reason": what.reason, "accept": frozenset()}
    if what.pieces == stretches.AWAY:
        return (f"off {name}", clinic_hours.take_off, (number, first, last), more)
    more |= {"before": before, "hours": stretches.hours_of(first, what)}
    return (f"day {name}", clinic_hours.set_day, (number, first), more)
