"""The clinic's own words, its mail settings, and who may change them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_desk.rules.errors import Invalid, NotAllowed, NotFound, Stale
from clinic_desk.services import mail_settings, templates
from clinic_desk.services.letter_texts import NEEDED, SHIPPED, Kind
from clinic_desk.services.mail_settings import MailSettings
from clinic_desk.services.mailer import Security
from tests import builders, smtp_server
from tests.services.counting import statements
from tests.services.mailing import SETTINGS


def test_without_words_of_its_own_a_clinic_has_the_programs(actor):
    card = templates.template(actor, Kind.REMINDER, "en")

    assert (card.subject, card.body) == (
        SHIPPED[Kind.REMINDER].subject,
        SHIPPED[Kind.REMINDER].body,
    )
    assert card.version == 0
    assert "patient" in card.places
    assert templates.changed(actor) == ()


def test_words_are_kept_changed_and_given_up(actor):
    kept = templates.put(
        actor, Kind.REMINDER, "de", subject="Bald", body="Bis {day}", version=0
    ).value
    again = templates.put(
        actor, Kind.REMINDER, "de", subject="Bald!", body="Bis {day}", version=kept.version
    ).value

    assert templates.template(actor, Kind.REMINDER, "de") == again
    assert templates.changed(actor) == (again,)
    templates.reset(actor, Kind.REMINDER, "de", version=again.version)
    assert templates.changed(actor) == ()
    with pytest.raises(NotFound):
        templates.reset(actor, Kind.REMINDER, "de", version=1)


def test_two_who_write_at_once_are_told(actor):
    templates.put(actor, Kind.MOVED, "en", subject="A", body="A {day}", version=0)

    with pytest.raises(Stale) as told:
        templates.put(actor, Kind.MOVED, "en", subject="B", body="B {day}", version=0)

    assert told.value.theirs.subject == "A"
    with pytest.raises(Stale):
        templates.reset(actor, Kind.MOVED, "en", version=9)


def test_words_with_an_unknown_place_are_refused_before_they_are_kept(actor):
    with pytest.raises(Invalid, match=r"\{name\}"):
        templates.put(actor, Kind.MOVED, "en", subject="A", body="{name}", version=0)
    with pytest.raises(Invalid, match=r"\{name\}"):
        templates.preview(actor, Kind.MOVED, "en", "A", "{name}")

    assert templates.changed(actor) == ()


def test_a_preview_is_in_the_clinics_name(actor):
    letter = templates.preview(actor, Kind.MOVED, "en", "Moved", "{clinic}: {earlier}")

    assert letter.text.startswith("Test Clinic: ")


def test_all_words_are_one_query(clinic, actor):
    for kind in Kind:
        body = " ".join(f"{{{place}}}" for place in sorted({"clinic", *NEEDED.get(kind, ())}))
        templates.put(actor, kind, "en", subject="A", body=body, version=0)

    with statements(clinic.store) as seen:
        assert len(templates.changed(actor)) == len(Kind)

    assert len(seen) == 1


def test_one_clinics_words_are_not_anothers(store, actor):
    other = builders.an_actor(builders.a_clinic(store, name="Other"))
    templates.put(actor, Kind.MOVED, "en", subject="A", body="A", version=0)

    assert templates.template(other, Kind.MOVED, "en").version == 0


def test_settings_are_kept_for_all_and_read_again(clinic, actor):
    wanted = replace(
        SETTINGS, reminder_hours=(2, 24, 24), silent=("moved",), sender=" desk@clinic.example "
    )

    kept = mail_settings.save(actor, wanted).value
    mail_settings.save(actor, kept)

    assert kept.reminder_hours == (24, 2)
    assert kept.sender == "desk@clinic.example"
    assert mail_settings.get(actor) == kept
    assert mail_settings.load(clinic.store, clinic.organisation_id) == kept


def test_before_anything_is_set_up_no_mails_are_sent(actor):
    settings = mail_settings.get(actor)

    assert settings == MailSettings()
    assert not settings.ready
    assert settings.delay_seconds == 60


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("port", {"port": 0}),
        ("security", {"host": "mail.example.org"}),
        ("sender", {"sender": "nobody"}),
        ("sender", {"sender": ""}),
        ("reply_to", {"reply_to": "a@b.org, c@d.org"}),
        ("sender_name", {"sender_name": "A\nBcc: b"}),
        ("delay_seconds", {"delay_seconds": 4000}),
        ("most_tries", {"most_tries": 0}),
        ("reminder_hours", {"reminder_hours": (0,)}),
        ("reminder_hours", {"reminder_hours": (1, 2, 3, 4, 5, 6)}),
        ("quiet_from", {"quiet_from": 1440}),
        ("silent", {"silent": ("greeting",)}),
    ],
)
def test_settings_that_make_no_sense_are_refused_at_their_field(actor, field, change):
    with pytest.raises(Invalid) as told:
        mail_settings.save(actor, replace(SETTINGS, **change))

    assert told.value.field == field


def test_the_button_tries_settings_that_are_not_saved_yet(actor, tmp_path):
    with smtp_server.running(tmp_path) as smtp:
        mail_settings.try_out(actor, replace(SETTINGS, port=smtp.port), "", "boss@clinic.example")

        assert smtp.received()[0].recipients == ("boss@clinic.example",)
    assert mail_settings.get(actor) == MailSettings()
    with pytest.raises(Invalid):
        mail_settings.try_out(actor, MailSettings(), "", "boss@clinic.example")


def test_who_may_not_change_settings_changes_none(clinic, actor):
    somebody = builders.an_actor(clinic, frozenset({"Appointment Get All"}))

    assert mail_settings.get(somebody) == MailSettings()
    for act in (
        lambda: mail_settings.save(somebody, SETTINGS),
        lambda: mail_settings.keep_password(somebody, "key"),
        lambda: mail_settings.try_out(somebody, SETTINGS, "", "a@b.org"),
        lambda: templates.changed(somebody),
        lambda: templates.preview(somebody, Kind.MOVED, "en", "A", "B"),
        lambda: templates.put(somebody, Kind.MOVED, "en", subject="A", body="B", version=0),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_settings_of_a_newer_program_are_read_as_far_as_they_are_known(actor):
    from clinic_desk.services import settings

    settings.share(actor, mail_settings.NAME, {"host": "mail.example.org", "colour": "blue"})

    assert mail_settings.get(actor).host == "mail.example.org"
    assert mail_settings.get(actor).security is Security.STARTTLS
