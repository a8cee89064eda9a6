"""SQL that tries to take time twice, or to make the claims lie.

Each attack is a sentence, the statements, and the refusal that the last one must meet: a part
of its name, ``refused`` for whichever name the database gives, or nothing where the statement
is harmless and must work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.models.hand import Hand


class Attack(NamedTuple):
    """One attempt; ``only`` names the database whose language it speaks."""

    name: str
    sql: Callable[[Hand], list[str]]
    met: str = "claim_overlap"
    only: str = ""


ANY = "refused"
GUARD = "claim_guard"

TAKING = [
    Attack("a visit at a taken provider", lambda h: [h.visit("9:30", "10:30", provider_id=h.p)]),
    Attack("a visit in a taken room", lambda h: [h.visit("9:30", "10:30", operatory_id=h.room)]),
    Attack("a visit of a taken patient",
           lambda h: [h.visit("9:30", "10:30", patient_id=h.patient)]),
    Attack("a request at a taken provider",
           lambda h: [h.visit("9", "10", provider_id=h.p, status="'requested'")]),
    Attack("a visit that only reaches in", lambda h: [h.visit("8:30", "9:01", provider_id=h.p)]),
    Attack("a visit that only begins inside",
           lambda h: [h.visit("9:59", "10:30", provider_id=h.p)]),
    Attack("a visit around another", lambda h: [h.visit("8", "13", provider_id=h.p)]),
    Attack("a visit inside another", lambda h: [h.visit("9:20", "9:30", provider_id=h.p)]),
    Attack("a visit that touches two others is fine",
           lambda h: [h.visit("10", "11", provider_id=h.p, patient_id=h.patient)], ""),
    Attack("insert or ignore",
           lambda h: [h.visit("9", "10", provider_id=h.p, verb="INSERT OR IGNORE")], only="sqlite"),
    Attack("insert or replace",
           lambda h: [h.visit("9", "10", provider_id=h.p, verb="INSERT OR REPLACE")],
           only="sqlite"),
    Attack("insert or fail",
           lambda h: [h.visit("9", "10", provider_id=h.p, verb="INSERT OR FAIL")], only="sqlite"),
    Attack("on conflict do nothing",
           lambda h: [h.visit("9", "10", provider_id=h.p, tail="ON CONFLICT DO NOTHING")]),
    Attack("replacing a visit by its number",
           lambda h: [h.visit("11", "12", provider_id=h.p, id=h.a, verb="REPLACE")],
           "claim_fixed", "sqlite"),
    Attack("replacing with recursive triggers",
           lambda h: ["PRAGMA recursive_triggers = 1",
                      h.visit("11", "12", provider_id=h.p, id=h.a, verb="REPLACE")],
           "claim_fixed", "sqlite"),
    Attack("replacing a visit by its uuid, at a free time",
           lambda h: [h.visit("20", "21", verb="REPLACE",
                              uuid=f"(SELECT uuid FROM appointment WHERE id = {h.a})")],
           "claim_fixed", "sqlite"),
    Attack("an upsert onto a taken time",
           lambda h: [h.visit("20", "21", id=h.a, tail="ON CONFLICT (id) DO UPDATE SET"
                              f" starts_at = {h.at('11')}, ends_at = {h.at('12')}")], ANY),
    Attack("an upsert by uuid that revives",
           lambda h: [h.visit("20", "21",
                              uuid=f"(SELECT uuid FROM appointment WHERE id = {h.gone})",
                              tail="ON CONFLICT (uuid) DO UPDATE SET status = 'scheduled'")], ANY),
    Attack("several at once, the last at a taken time",
           lambda h: [", ".join((h.visit("20", "21"),
                                 h.visit("20:30", "21:30").partition("VALUES")[2]))]),
    Attack("a copy of a visit",
           lambda h: [("INSERT INTO appointment (uuid, organisation_id, provider_id, patient_id,"
                      " case_id, type_id, starts_at, ends_at, time_zone, wall_starts, status,"
                      " booked_at) SELECT '00000000-0000-0000-0000-000000000000',"
                      " organisation_id, provider_id, patient_id, case_id, type_id, starts_at,"
                      f" ends_at, time_zone, wall_starts, status, booked_at FROM appointment"
                      f" WHERE id = {h.a}")]),
    Attack("merging in a visit",
           lambda h: ["MERGE INTO appointment t USING (SELECT 1) s ON false WHEN NOT MATCHED THEN "
                      + h.visit("9", "10", provider_id=h.p).replace("INTO appointment ", "")],
           only="postgresql"),
]  # fmt: skip

MOVING = [
    Attack("moving onto another visit", lambda h: [h.moved(h.a, "11:30", "12:30")]),
    Attack("moving or ignoring",
           lambda h: [h.moved(h.a, "11:30", "12:30", verb="UPDATE OR IGNORE")], only="sqlite"),
    Attack("moving or replacing",
           lambda h: [h.moved(h.a, "11:30", "12:30", verb="UPDATE OR REPLACE")], only="sqlite"),
    Attack("making longer", lambda h: [h.set(h.a, f"ends_at = {h.at('11:01')}")]),
    Attack("making earlier", lambda h: [h.set(h.b, f"starts_at = {h.at('9:59')}")]),
    Attack("reviving a cancelled visit", lambda h: [h.set(h.gone, "status = 'scheduled'")]),
    Attack("reviving or ignoring",
           lambda h: [h.set(h.gone, "status = 'confirmed'", verb="UPDATE OR IGNORE")],
           only="sqlite"),
    Attack("reviving as completed", lambda h: [h.set(h.gone, "status = 'completed'")]),
    Attack("reviving all at once", lambda h: ["UPDATE appointment SET status = 'scheduled'"]),
    Attack("cancelling, giving away, reviving",
           lambda h: [h.set(h.a, "status = 'cancelled'"), h.visit("9", "10", provider_id=h.p),
                      h.set(h.a, "status = 'scheduled'")]),
    Attack("a status that only looks alike", lambda h: [h.set(h.a, "status = 'Scheduled'")], ANY),
    Attack("a status with a blank",
           lambda h: [h.visit("9", "10", provider_id=h.p, status="'scheduled '")], ANY),
    Attack("no status", lambda h: [h.set(h.a, "status = NULL")], ANY),
    Attack("shifting every visit onto the next",
           lambda h: [(f"UPDATE appointment SET starts_at = {h.later('starts_at', 120)}"
                      f" WHERE status <> 'cancelled'")], ANY),
    Attack("shifting all by half an hour",
           lambda h: [(f"UPDATE appointment SET starts_at = {h.later('starts_at', 30)},"
                      f" ends_at = {h.later('ends_at', 30)} WHERE id IN ({h.a}, {h.b})")], ""),
    Attack("all to the same hour",
           lambda h: [(f"UPDATE appointment SET starts_at = {h.at('7')}, ends_at = {h.at('8')},"
                      " permit_id = NULL, status = 'scheduled'")]),
    Attack("swapping two visits in one statement",
           lambda h: [(f"UPDATE appointment SET starts_at = CASE id WHEN {h.a} THEN {h.at('11')}"
                      f" ELSE {h.at('9')} END, ends_at = CASE id WHEN {h.a} THEN {h.at('12')}"
                      f" ELSE {h.at('10')} END WHERE id IN ({h.a}, {h.b})")]),
    Attack("giving a visit to a taken provider",
           lambda h: [h.visit("13", "14", provider_id=h.p),
                      (f"UPDATE appointment SET provider_id = {h.q}"
                       f" WHERE patient_id = {h.patient2}")]),
    Attack("putting a visit into a taken room",
           lambda h: [h.visit("9", "10"),
                      f"UPDATE appointment SET operatory_id = {h.room} WHERE provider_id = {h.q}"]),
    Attack("giving a visit to a taken patient",
           lambda h: [h.visit("9", "10"),
                      (f"UPDATE appointment SET patient_id = {h.patient}"
                       f" WHERE provider_id = {h.q}")]),
    Attack("two changes in one statement",
           lambda h: [(f"WITH first AS (UPDATE appointment SET starts_at = {h.at('19')},"
                      f" ends_at = {h.at('20')} WHERE id = {h.a})"
                      f" UPDATE appointment SET starts_at = {h.at('19:30')},"
                      f" ends_at = {h.at('20:30')} WHERE id = {h.b}")], only="postgresql"),
    Attack("taking another row's number",
           lambda h: [h.set(h.a, f"id = {h.a + 1000}")], "claim_fixed"),
    Attack("taking another row's uuid",
           lambda h: [h.set(h.a, f"uuid = (SELECT uuid FROM appointment WHERE id = {h.b})")], ANY),
    Attack("replacing by another row's uuid",
           lambda h: [h.set(h.a, f"uuid = (SELECT uuid FROM appointment WHERE id = {h.b})",
                            verb="UPDATE OR REPLACE")], "claim_fixed", "sqlite"),
    Attack("deleting a visit frees its time",
           lambda h: [f"DELETE FROM appointment WHERE id = {h.b}",
                      h.visit("11", "12", provider_id=h.q)], ""),
    Attack("deleting a visit without foreign keys frees its time",
           lambda h: ["PRAGMA foreign_keys = 0", f"DELETE FROM appointment WHERE id = {h.b}",
                      h.visit("11", "12", provider_id=h.q)], "", "sqlite"),
]  # fmt: skip

TIMES = [
    Attack("a buffer reaches into the next visit",
           lambda h: [h.visit("10", "10:30", provider_id=h.p, after_minutes=31)]),
    Attack("the next visit's buffer reaches back",
           lambda h: [h.visit("10:15", "10:45", provider_id=h.p, before_minutes=16)]),
    Attack("buffers fill the gap exactly",
           lambda h: [h.visit("10:15", "10:45", provider_id=h.p, before_minutes=15,
                              after_minutes=15)], ""),
    Attack("growing a buffer", lambda h: [h.set(h.a, "after_minutes = 61")]),
    Attack("growing a buffer backward", lambda h: [h.set(h.b, "before_minutes = 61")]),
    Attack("a room's buffers count too",
           lambda h: [h.set(h.a, "after_minutes = 30"), h.visit("10", "11", operatory_id=h.room)]),
    Attack("the patient is free during a buffer",
           lambda h: [h.set(h.a, "after_minutes = 30"), h.visit("10", "11", patient_id=h.patient)],
           ""),
    Attack("a negative buffer", lambda h: [h.set(h.a, "before_minutes = -5")], ANY),
    Attack("a buffer of more than a day", lambda h: [h.set(h.a, "after_minutes = 1441")], ANY),
    Attack("over midnight",
           lambda h: [h.visit("23:30", "23:45", provider_id=h.p), h.moved(h.a, "23", "23:30"),
                      f"UPDATE appointment SET ends_at = {h.at('0:30', 1)} WHERE id = {h.a}"]),
    Attack("in the night after a long evening",
           lambda h: [(f"UPDATE appointment SET starts_at = {h.at('23:30')},"
                      f" ends_at = {h.at('0:30', 1)} WHERE id = {h.a}"),
                      h.visit("0:15", "0:45", provider_id=h.p, days=1)]),
    Attack("a visit of a day, and one in its last minute",
           lambda h: [(f"UPDATE appointment SET starts_at = {h.at('18', 1)},"
                      f" ends_at = {h.at('18', 2)} WHERE id = {h.a}"),
                      h.visit("17:59", "18:30", provider_id=h.p, days=2)]),
    Attack("a visit of more than a day",
           lambda h: [f"UPDATE appointment SET ends_at = {h.at('9:01', 1)} WHERE id = {h.a}"], ANY),
    Attack("buffers make a claim longer than a day",
           lambda h: [(f"UPDATE appointment SET starts_at = {h.at('0', 2)},"
                       f" ends_at = {h.at('0', 3)},"
                      f" before_minutes = 600, after_minutes = 600 WHERE id = {h.a}"),
                      h.visit("9", "9:30", provider_id=h.p, days=3)]),
    Attack("a visit inside an event of three days",
           lambda h: [h.timed("calendar_event", "18", "18", h.q, days=3),
                      h.visit("9", "10", days=2)]),
    Attack("an event of three days around a visit",
           lambda h: [h.visit("9", "10", days=2),
                      h.timed("calendar_event", "18", "18", h.q, days=3)]),
    Attack("an end before the start", lambda h: [h.visit("9:30", "9", provider_id=h.p)], ANY),
    Attack("no length", lambda h: [h.visit("9:30", "9:30", provider_id=h.p)], ANY),
    Attack("no time", lambda h: [h.set(h.a, "starts_at = NULL")], ANY),
    Attack("seconds", lambda h: [h.visit(f"{h.at('20')} + 1" if h.sqlite
                                         else f"{h.at('20')} + interval '1 second'", "21")], ANY),
    Attack("a text for a time",
           lambda h: [h.visit("'2030-01-07T09:30:00+00:00'", "10:30", provider_id=h.p)],
           ANY, "sqlite"),
    Attack("a text that sorts after all numbers",
           lambda h: [h.set(h.b, "ends_at = '9999-12-31'")], ANY, "sqlite"),
    Attack("a number in a text",
           lambda h: [h.visit(f"'{h.at('9:30')}'", "10:30", provider_id=h.p)], ANY, "sqlite"),
    Attack("a fraction", lambda h: [h.visit(f"{h.at('9:30')}.5", "10:30", provider_id=h.p)],
           ANY, "sqlite"),
    Attack("bytes", lambda h: [h.visit("x'00'", "10:30", provider_id=h.p)], ANY, "sqlite"),
    Attack("the largest number", lambda h: [h.set(h.b, "ends_at = 9223372036854775807")],
           ANY, "sqlite"),
    Attack("checks switched off, an end before the start",
           lambda h: ["PRAGMA ignore_check_constraints = 1", h.visit("20:30", "20")],
           "claim_time", "sqlite"),
    Attack("checks switched off, a text",
           lambda h: ["PRAGMA ignore_check_constraints = 1",
                      h.visit("'2030-01-07'", "20", provider_id=h.p)], ANY, "sqlite"),
    Attack("another zone's words for the same time",
           lambda h: [h.visit("timestamptz '2030-01-07 10:30+01'", "10:30", provider_id=h.p)],
           only="postgresql"),
    Attack("a session in another zone",
           lambda h: ["SET TIME ZONE 'Asia/Tokyo'",
                      h.visit("timestamptz '2030-01-07 18:30'", "10:30", provider_id=h.p)],
           only="postgresql"),
    Attack("infinity", lambda h: [h.set(h.b, "ends_at = 'infinity'")], ANY, "postgresql"),
    Attack("from the beginning of time", lambda h: [h.set(h.b, "starts_at = '-infinity'")],
           ANY, "postgresql"),
]  # fmt: skip
