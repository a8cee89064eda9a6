from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

import clinic_desk
from clinic_desk.rules import permissions
from clinic_desk.rules.permissions import ALL, APPROVERS, BY_NAME, CATALOGUE, DOCUMENT, OWN, ROLES

ASKED = re.compile(r'(?:@command|@query|\brequire|\bmay)\(\s*"([^"]+)"')
NAMES = Path(__file__).with_name("the_78_names.txt").read_text(encoding="ascii").splitlines()


def test_the_78_names_of_the_document_exist_letter_by_letter():
    assert len(set(NAMES)) == 78
    assert sorted(DOCUMENT) == sorted(NAMES)


def test_no_name_exists_twice():
    assert len(set(ALL)) == len(ALL) == len(CATALOGUE)
    assert set(DOCUMENT).isdisjoint(OWN)


@pytest.mark.parametrize("permission", CATALOGUE, ids=lambda p: p.name)
def test_every_permission_says_what_it_guards(permission):
    assert permission.group
    assert permission.guards
    assert not permission.guards.endswith(".")


def test_every_role_holds_only_known_names():
    for names in ROLES.values():
        assert not permissions.unknown(names)


def test_a_name_from_a_newer_program_is_found_out_and_grants_nothing():
    names = ["Appointment Show", "Time Travel"]

    assert permissions.unknown(names) == {"Time Travel"}
    assert permissions.granted(names) == {"Appointment Show"}


def test_what_is_not_in_use_yet_grants_nothing():
    assert "Exam Create" in ROLES["Scheduler"]
    assert "Exam Create" not in permissions.granted(ROLES["Scheduler"])


def test_every_permission_that_a_service_asks_for_is_in_use():
    asked = {
        name
        for module in Path(clinic_desk.__file__).with_name("services").glob("*.py")
        for name in ASKED.findall(module.read_text(encoding="utf-8"))
    }

    assert "Appointment Create" in asked
    assert asked <= permissions.granted(ALL)


def test_the_four_roles_that_may_approve_do_and_no_other():
    may = {role for role, names in ROLES.items() if "Appointment Request Approve" in names}

    assert may == APPROVERS


def test_the_system_administrator_may_do_everything():
    assert ROLES["System Administrator"] == set(ALL)


def test_everybody_who_sits_at_a_calendar_sees_it_and_a_partner_does_not():
    for role, names in ROLES.items():
        assert ("Appointment Get All" in names) == (role != "Partner")


def test_overbooking_is_not_for_the_front_desk():
    assert {permissions.OVERBOOK, permissions.OVERRIDE} <= ROLES["Scheduler"]
    assert ROLES["Front Desk"].isdisjoint({permissions.OVERBOOK, permissions.OVERRIDE})


def test_a_higher_role_holds_all_that_a_lower_one_does():
    ladder = ("Front Desk", "Scheduler", "Clinical Director", "Assistant System Administrator")
    for lower, higher in pairwise(ladder):
        assert ROLES[lower] < ROLES[higher]


def test_whoever_sees_a_list_may_open_what_stands_in_it():
    for names in ROLES.values():
        for name in names:
            show = name.replace("Get All", "Show")
            if name.endswith("Get All") and show in BY_NAME and "Appointment" in name:
                assert show in names
