"""What time does to calls, whatever the carrier answers."""

import pytest
from sqlalchemy import select

from helpdesk.jobs.work import JOBS
from helpdesk.kernel.db import session
from helpdesk.telephony import queries
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import CallState, Outcome
from tests.hotline import Hotline
from tests.people import ELENA_PHONE, GULNAR_PHONE, Town


@pytest.mark.parametrize("fault", ["rest_429", "rest_500"])
def test_a_carrier_that_cannot_be_asked_about_a_leg_is_asked_again(hotline: Hotline, town: Town, fault: str) -> None:
    hotline.network.faults.drop = 1.0
    callers = [hotline.dial(number, "1") for number in (GULNAR_PHONE, ELENA_PHONE)]
    hotline.run(3)
    for caller in callers:
        caller.hang_up()
    setattr(hotline.network.faults, fault, 1.0)
    hotline.run(150)
    silent = list(queries.silent_legs())
    assert len(silent) == 2
    JOBS["ask_about_legs"](silent)
    hotline.look_again()
    assert set(session().scalars(select(Call.state))) == {CallState.IVR}
    setattr(hotline.network.faults, fault, 0.0)
    hotline.run(60)
    assert set(session().scalars(select(Call.outcome))) == {Outcome.ABANDONED}
