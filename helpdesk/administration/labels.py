"""How roles, skills and kinds of organization are called on pages: English msgids."""

from helpdesk.identity.rules import Permission, Role, Skill
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.rules import CallbackMode, Kind, Ownership

ROLES: dict[str, str] = {
    Role.OPERATOR.value: N_("Operator"),
    Role.SUPERVISOR.value: N_("Supervisor"),
    Role.ADMINISTRATOR.value: N_("Administrator"),
    Permission.CLASS_TEACHER.value: N_("Class teacher"),
    Permission.PSYCHOLOGIST.value: N_("Psychologist"),
    Permission.DATA_OFFICER.value: N_("Data officer"),
    Permission.CONTROL.value: N_("Control"),
}
SKILLS: dict[str, str] = {
    Skill.TECHNICAL.value: N_("Technical queue"),
    Skill.METHODOLOGICAL.value: N_("Methodological queue"),
}
KINDS: dict[str, str] = {
    Kind.MINISTRY.value: N_("Ministry"),
    Kind.REGION_DEPARTMENT.value: N_("Department of a region or city"),
    Kind.DISTRICT_DEPARTMENT.value: N_("District department"),
    Kind.SCHOOL.value: N_("School"),
    Kind.COLLEGE.value: N_("College"),
    Kind.UNIVERSITY.value: N_("University"),
    Kind.KINDERGARTEN.value: N_("Kindergarten"),
    Kind.ADDITIONAL.value: N_("Additional education"),
}
OWNERSHIP: dict[str, str] = {Ownership.STATE.value: N_("State-owned"), Ownership.PRIVATE.value: N_("Private")}
CALLBACK_MODES: dict[str, str] = {
    CallbackMode.OPERATOR_FIRST.value: N_("An operator agrees first, then the telephone rings"),
    CallbackMode.CALLER_FIRST.value: N_("The telephone rings first, whoever answers presses 1"),
}
WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
