"""Many calls in one process: nothing is stuck, nothing is lost."""

import random
from collections import Counter

from phonesim import Person


def test_a_busy_hour_leaves_no_leg_behind_and_every_call_has_one_end(app, net, clock, client):
    net.cps = 0
    dice = random.Random(7)
    waiting = []
    app.audio = {"/music.wav": 25.0}
    app.pages = {
        "/voice": '<Gather numDigits="1" timeout="5" action="/topic"></Gather><Redirect>/topic</Redirect>',
        "/topic": '<Enqueue waitUrl="/wait" action="/left">q</Enqueue>',
        "/wait": '<Gather numDigits="1" timeout="1" action="/key"><Play>/music.wav</Play></Gather>',
        "/key": "<Leave/>",
        "/left": lambda form: waiting.append(form["From"]) or "<Hangup/>" if form["QueueResult"] == "leave" else "",
        "/join": "<Dial><Conference endConferenceOnExit='true'>r</Conference></Dial>",
        "/operator": "<Dial><Conference>r</Conference></Dial>",
        "/answer": "<Say>It is your turn</Say>",
    }
    for n in range(300):
        person = Person(keys=["1", *dice.choice((["", "", "1"], [], ["1"]))], patience=dice.uniform(20, 200))
        clock.after(dice.uniform(0, 600), lambda n=n, p=person: net.dial("1450", from_=f"+7709{n:07}", person=p))
    clock.run_for(900)
    net_calls = list(net.calls.values())
    assert len(net_calls) == 300
    for number in waiting:
        net.person(number, Person(rings=[dice.choice(["busy", "no-answer", 3.0, "machine"])]))
        client.calls.create(to=number, from_="1450", url="https://helpdesk.example/answer")
    clock.run_for(200)
    assert all(call.over for call in net.calls.values())
    assert all(not queue.entries for queue in net.queues.values())
    assert net.alerts == []
    ends = Counter(leg.status for leg in net.ledger.legs())
    assert sum(ends.values()) == 300 + len(waiting)
    assert min(ends["busy"], ends["no-answer"], ends["completed"]) > 0
    assert net.ledger.overlapping_rings() == []
    assert all(post.genuine for post in app.posts)
