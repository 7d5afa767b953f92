"""The same people in every test: one city, one district, two schools, and those who work and ask there.

Айгүл (kk) and Светлана (ru) answer at school 905 and its district; Ерлан supervises the district, Әсел the city;
Гүлнар is a parent who speaks Kazakh, Елена one who speaks Russian. Бекзат works at school 911 of another district:
whatever happens at 905 is none of his business.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time

import pytest
from flask import Flask
from flask.testing import FlaskClient

from helpdesk.contacts.actions import meet
from helpdesk.contacts.models import Contact
from helpdesk.contacts.rules import RequesterRole
from helpdesk.identity.models import Staff, StaffPermission, StaffRole
from helpdesk.identity.rules import Permission, Role
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations.actions import found
from helpdesk.organizations.models import Desk, DeskHours, DeskMailbox, DeskNumber, Organization
from helpdesk.organizations.rules import CallbackMode, Kind

PASSWORD = "a password for tests"
# argon2id of PASSWORD with the least cost: hashing it anew for every test would cost more than the test
PASSWORD_HASH = "$argon2id$v=19$m=8,t=1,p=1$tF9Za3Raf9lScuCKVIZeaw$LeyNXFWGyB6Ua0+8IHCkZuh3dDba5apKf9ZjQQ2JaOk"

GULNAR_PHONE = "+77090000001"
ELENA_PHONE = "+77090000002"


@dataclass
class Town:
    """Everybody by name; organizations carry the desk of the same id."""

    city: Organization
    district: Organization
    other_district: Organization
    school905: Organization
    school911: Organization
    aigul: Staff
    svetlana: Staff
    bekzat: Staff
    erlan: Staff
    asel: Staff
    admin: Staff
    dana: Staff
    gulnar: Contact
    elena: Contact


def organization(
    parent: Organization | None, kind: Kind, kk: str, ru: str, en: str, number: str | None = None
) -> Organization:
    """An organization with the same short and full names."""
    names = {"name_kk": kk, "name_ru": ru, "name_en": en, "short_kk": kk, "short_ru": ru, "short_en": en}
    return found(parent, kind, date(2020, 1, 1), number=number, zone="Asia/Almaty", **names)


def open_desk(
    at: Organization, overflow: Organization | None = None, mailbox: str | None = None, number: str | None = None
) -> Desk:
    """A desk open on working days 09:00–18:30 in Kazakh and Russian, which calls back before it asks an operator."""
    desk = Desk(id=at.id, languages=["kk", "ru"], overflow_to_id=overflow.id if overflow else None, area_code="727")
    desk.callback_mode = CallbackMode.CALLER_FIRST
    desk.hours = [DeskHours(weekday=day, opens=time(9), closes=time(18, 30)) for day in range(5)]
    session().add(desk)
    session().flush()
    if mailbox:
        session().add(DeskMailbox(address=mailbox, desk_id=at.id))
    if number:
        session().add(DeskNumber(number=number, desk_id=at.id))
    return desk


def employ(name: str, email: str, languages: list[str], *roles: tuple[Role, Organization]) -> Staff:
    """A member of staff with both skills."""
    person = Staff(
        name=name,
        email=email,
        password_hash=PASSWORD_HASH,
        language=languages[0],
        languages=languages,
        skills=["technical", "methodological"],
        roles=[StaffRole(role=role, organization_id=at.id) for role, at in roles],
    )
    session().add(person)
    return person


def _officer(at: Organization) -> Staff:
    """Дана answers for personal data, and for nothing else."""
    person = employ("Дана Жүнісова", "dana@1450.test", ["kk"])
    person.permissions = [StaffPermission(permission=Permission.DATA_OFFICER, organization_id=at.id)]
    return person


@pytest.fixture
def town(app: Flask) -> Town:
    """The town, committed."""
    with transaction():
        city = organization(
            None, Kind.REGION_DEPARTMENT, "Алматы білім басқармасы", "Управление образования Алматы", "Almaty"
        )
        district = organization(city, Kind.DISTRICT_DEPARTMENT, "Алатау ауданы", "Алатауский район", "Alatau district")
        other = organization(city, Kind.DISTRICT_DEPARTMENT, "Медеу ауданы", "Медеуский район", "Medeu district")
        school905 = organization(district, Kind.SCHOOL, "№ 905 мектеп", "Школа № 905", "School 905", "905")
        school911 = organization(other, Kind.SCHOOL, "№ 911 мектеп", "Школа № 911", "School 911", "911")
        open_desk(city, mailbox="1450@1450.test")
        open_desk(district, overflow=city, mailbox="alatau@1450.test")
        open_desk(other, overflow=city)
        open_desk(school905, overflow=district, mailbox="905@1450.test", number="+77272000905")
        open_desk(school911, overflow=other, number="+77272000911")
        return Town(
            city=city,
            district=district,
            other_district=other,
            school905=school905,
            school911=school911,
            aigul=employ("Айгүл Қасымова", "aigul@1450.test", ["kk"], (Role.OPERATOR, district)),
            svetlana=employ("Светлана Ким", "svetlana@1450.test", ["ru", "kk"], (Role.OPERATOR, district)),
            bekzat=employ("Бекзат Оспанов", "bekzat@1450.test", ["kk", "ru"], (Role.OPERATOR, school911)),
            erlan=employ("Ерлан Мұқанов", "erlan@1450.test", ["ru", "kk"], (Role.SUPERVISOR, district)),
            asel=employ(
                "Әсел Сейітова", "asel@1450.test", ["kk", "ru"], (Role.SUPERVISOR, city), (Role.OPERATOR, city)
            ),
            admin=employ("Ирина Пак", "irina@1450.test", ["ru"], (Role.ADMINISTRATOR, city)),
            dana=_officer(city),
            gulnar=meet("Гүлнар Ахметова", RequesterRole.PARENT, "kk", [GULNAR_PHONE]),
            elena=meet("Елена Смирнова", RequesterRole.PARENT, "ru", [ELENA_PHONE], ["elena@parents.test"]),
        )


SignIn = Callable[[Staff], FlaskClient]


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """A browser in which somebody has signed in already."""
    app.config["WTF_CSRF_ENABLED"] = False

    def do(person: Staff) -> FlaskClient:
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie["_user_id"] = f"{person.id}.{person.session_version}"
            cookie["_fresh"] = True
        return browser

    return do
