"""A country in small for the figures: a ministry, three regions, nine districts and their schools, sixty desks."""

from datetime import date, time

from helpdesk.identity.actions import password_hash
from helpdesk.identity.models import Staff, StaffRole
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import session
from helpdesk.organizations.actions import found
from helpdesk.organizations.models import Desk, DeskHours, DeskNumber, Organization
from helpdesk.organizations.rules import Kind

REGIONS = (
    ("Алматы", "Алматы", "Almaty", "727"),
    ("Астана", "Астана", "Astana", "717"),
    ("Шымкент", "Шымкент", "Shymkent", "725"),
)
DISTRICTS_PER_REGION = 3
SCHOOLS = 47
SINCE = date(2020, 3, 16)

PASSWORD = "a password for the figures"
# Answers for the first region and everything below it: a third of all tickets.
OPERATOR = "operator@bench.1450"


def build() -> None:
    """Found the country and employ two operators at each desk; in the caller's transaction."""
    hashed = password_hash(PASSWORD)
    ministry = _found(
        None, Kind.MINISTRY, "Оқу-ағарту министрлігі", "Министерство просвещения", "Ministry of Education"
    )
    _desk(ministry, "717", hashed)
    districts = []
    for kk, ru, en, area in REGIONS:
        names = f"{kk} қаласы Білім басқармасы", f"Управление образования города {ru}", f"{en} City Education"
        region = _found(ministry, Kind.REGION_DEPARTMENT, *names)
        _desk(region, area, hashed)
        if not districts:
            _employ("Айгүл Серікова", OPERATOR, hashed, region)
        for number in range(1, DISTRICTS_PER_REGION + 1):
            names = f"{kk}, {number}-аудан", f"{ru}, район {number}", f"{en}, district {number}"
            districts.append((_found(region, Kind.DISTRICT_DEPARTMENT, *names), area))
            _desk(*districts[-1], hashed)
    for number in range(901, 901 + SCHOOLS):
        district, area = districts[number % len(districts)]
        names = f"№ {number} мектеп", f"Школа № {number}", f"School {number}"
        _desk(_found(district, Kind.SCHOOL, *names, number=str(number)), area, hashed)


def _found(
    parent: Organization | None, kind: Kind, kk: str, ru: str, en: str, number: str | None = None
) -> Organization:
    names = {"name_kk": kk, "name_ru": ru, "name_en": en, "short_kk": kk, "short_ru": ru, "short_en": en}
    return found(parent, kind, SINCE, number=number, zone="Asia/Almaty", **names)


def _desk(at: Organization, area: str, hashed: str) -> None:
    desk = Desk(id=at.id, languages=["kk", "ru"], area_code=area)
    desk.hours = [DeskHours(weekday=day, opens=time(7), closes=time(20)) for day in range(5)]
    desk.hours.append(DeskHours(weekday=5, opens=time(9), closes=time(14)))
    session().add(desk)
    session().flush()
    session().add(DeskNumber(number=f"+7{area}0{at.id:06d}", desk_id=at.id))
    for serial in (1, 2):
        _employ(f"Operator {serial}, {at.short_en}", f"operator{serial}.{at.id}@bench.1450", hashed, at)


def _employ(name: str, email: str, hashed: str, at: Organization) -> None:
    person = Staff(
        email=email,
        name=name,
        password_hash=hashed,
        language="ru",
        languages=["kk", "ru"],
        skills=["technical", "methodological"],
        roles=[StaffRole(role=Role.OPERATOR, organization_id=at.id)],
    )
    session().add(person)
