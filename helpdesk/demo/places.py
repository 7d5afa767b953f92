"""The demo town's places and people: three districts of Almaty, schools 901–915, a college, a university.

No real organization or person is meant: school numbers above 900 do not exist in Almaty, telephone numbers +7 709 and
+7 727 000 00 belong to nobody, and everybody's name is drawn from lists.
"""

from dataclasses import dataclass
from datetime import date, time

from helpdesk.demo.names import DEMO_PASSWORD
from helpdesk.identity.actions import password_hash
from helpdesk.identity.models import Staff, StaffPermission, StaffRole
from helpdesk.identity.rules import Permission, Role
from helpdesk.kernel.db import session
from helpdesk.organizations.actions import found
from helpdesk.organizations.models import Desk, DeskHours, DeskMailbox, DeskNumber, Organization
from helpdesk.organizations.rules import Kind, Ownership
from helpdesk.platforms.models import Platform, SchoolPlatform

SINCE = date(2020, 3, 16)

# kk, ru, en, KATO (classifier of administrative units)
DISTRICTS = (
    ("Алатау ауданы", "Алатауский район", "Alatau district", "751210000"),
    ("Медеу ауданы", "Медеуский район", "Medeu district", "751710000"),
    ("Наурызбай ауданы", "Наурызбайский район", "Nauryzbay district", "751810000"),
)
SCHOOLS_PER_DISTRICT = 5
CONTINGENTS = (2800, 1450, 960, 400, 64)


@dataclass
class Places:
    """The town's organizations and staff, by what they are in the story."""

    ministry: Organization
    city: Organization
    districts: list[Organization]
    schools: list[Organization]
    college: Organization
    university: Organization
    staff: dict[str, Staff]


def build() -> Places:
    """Found the town; in the caller's transaction."""
    ministry = _place(
        None, Kind.MINISTRY, "Оқу-ағарту министрлігі", "Министерство просвещения", "Ministry of Education"
    )
    city = _place(
        ministry,
        Kind.REGION_DEPARTMENT,
        "Алматы қаласы Білім басқармасы",
        "Управление образования города Алматы",
        "Almaty City Education Department",
        kato="750000000",
    )
    _desk(city, None, "1450@demo.1450", "+77270000001", around_the_clock=True, promise_minutes=1)
    districts, schools = [], []
    for number, (kk, ru, en, kato) in enumerate(DISTRICTS):
        short = {"short_kk": kk, "short_ru": ru, "short_en": en}
        names = (f"Алматы қаласы {kk} білім бөлімі", f"Отдел образования, {ru} города Алматы", f"{en} education office")
        district = _place(city, Kind.DISTRICT_DEPARTMENT, *names, kato=kato, **short)
        _desk(district, city, f"district{number + 1}@demo.1450", f"+7727000001{number}")
        districts.append(district)
        for place in range(SCHOOLS_PER_DISTRICT):
            schools.append(_school(district, 901 + number * SCHOOLS_PER_DISTRICT + place, CONTINGENTS[place]))
    college = _place(
        city,
        Kind.COLLEGE,
        "Жоғары политехникалық колледж (демо)",
        "Высший политехнический колледж (демо)",
        "Higher Polytechnic College (demo)",
        contingent=1200,
    )
    _desk(college, city, "college@demo.1450", "+77270000040")
    university = _place(
        ministry,
        Kind.UNIVERSITY,
        "Демо университеті",
        "Демонстрационный университет",
        "Demo University",
        contingent=9000,
        ownership=Ownership.PRIVATE,
    )
    _desk(university, None, "university@demo.1450", "+77270000050")
    places = Places(ministry, city, districts, schools, college, university, _staff(ministry, city, districts))
    _platforms(schools)
    return places


def _place(parent: Organization | None, kind: Kind, kk: str, ru: str, en: str, **values: object) -> Organization:
    names: dict[str, object] = {"name_kk": kk, "name_ru": ru, "name_en": en}
    short: dict[str, object] = {"short_kk": kk[:80], "short_ru": ru[:80], "short_en": en[:80]}
    return found(parent, kind, SINCE, zone="Asia/Almaty", **(names | short | values))


def _school(district: Organization, number: int, contingent: int) -> Organization:
    school = _place(
        district,
        Kind.SCHOOL,
        f"Алматы қаласы Білім басқармасының «№ {number} жалпы білім беретін мектеп» КММ",
        f"КГУ «Общеобразовательная школа № {number}» Управления образования города Алматы",
        f"Secondary School No. {number}, Almaty",
        number=str(number),
        short_kk=f"№ {number} мектеп",
        short_ru=f"Школа № {number}",
        short_en=f"School {number}",
        contingent=contingent,
        ungraded=contingent < 100,
    )
    _desk(school, district, f"school{number}@demo.1450", f"+77270000{number}", overflow_after_seconds=30)
    return school


def _desk(
    at: Organization,
    overflow: Organization | None,
    mailbox: str,
    number: str,
    around_the_clock: bool = False,
    **values: int,
) -> None:
    desk = Desk(
        id=at.id,
        languages=["kk", "ru"],
        overflow_to_id=overflow.id if overflow else None,
        area_code="727",
        around_the_clock=around_the_clock,
        **values,
    )
    # Remote mode: 07:00–20:00 on working days and Saturday morning.
    desk.hours = [DeskHours(weekday=day, opens=time(7), closes=time(20)) for day in range(5)]
    desk.hours.append(DeskHours(weekday=5, opens=time(9), closes=time(14)))
    session().add(desk)
    session().flush()
    session().add(DeskMailbox(address=mailbox, desk_id=at.id))
    session().add(DeskNumber(number=number, desk_id=at.id))


def _staff(ministry: Organization, city: Organization, districts: list[Organization]) -> dict[str, Staff]:
    hashed = password_hash(DEMO_PASSWORD)
    people = {
        "aruzhan": ("Аружан Бекенова", ["kk"], [(Role.OPERATOR, city)]),
        "natalya": ("Наталья Ким", ["ru"], [(Role.OPERATOR, city)]),
        "daniyar": ("Данияр Қасымов", ["kk", "ru", "en"], [(Role.OPERATOR, city)]),
        "erlan": ("Ерлан Мұқанов", ["ru", "kk"], [(Role.SUPERVISOR, districts[0])]),
        "asel": ("Әсел Сейітова", ["kk", "ru"], [(Role.SUPERVISOR, city), (Role.OPERATOR, city)]),
        "irina": ("Ирина Пак", ["ru"], [(Role.ADMINISTRATOR, city)]),
        "marat": ("Марат Ахметов", ["kk", "ru"], [(Role.ADMINISTRATOR, ministry)]),
    }
    staff = {}
    for login, (name, languages, roles) in people.items():
        staff[login] = Staff(
            email=f"{login}@demo.1450",
            name=name,
            password_hash=hashed,
            language=languages[0],
            languages=languages,
            skills=["technical", "methodological"],
            roles=[StaffRole(role=role, organization_id=at.id) for role, at in roles],
        )
        session().add(staff[login])
    trust = StaffPermission(permission=Permission.DATA_OFFICER, organization_id=ministry.id)
    staff["marat"].permissions = [trust]
    session().flush()
    return staff


def _platforms(schools: list[Organization]) -> None:
    journals = [
        Platform(name="Kundelik", function="journal"),
        Platform(name="BilimClass", function="journal"),
        Platform(name="Online Mektep", function="lessons"),
        Platform(name="Bilim Land", function="lessons"),
        Platform(name="Microsoft Teams", function="video"),
    ]
    session().add_all(journals)
    session().flush()
    moved = date(2026, 1, 8)
    for place, school in enumerate(schools):
        before = SchoolPlatform(organization_id=school.id, platform_id=journals[0].id, valid_from=SINCE)
        session().add(before)
        if place % 2:
            before.valid_to = date(2026, 1, 7)
            session().add(SchoolPlatform(organization_id=school.id, platform_id=journals[1].id, valid_from=moved))
