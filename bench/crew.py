"""Operators for the figures of the telephone: employed in sets, at work, each with the cookie of an open session."""

from dataclasses import dataclass

import psycopg
from flask import Flask, session
from flask_wtf.csrf import generate_csrf

from bench.servers import Grounds
from helpdesk.app import create_app
from helpdesk.kernel.settings import read_settings

# The ministry answers for every desk; the first region for a third of them.
MINISTRY = "SELECT id FROM organizations WHERE parent_id IS NULL"
REGION = "SELECT id FROM organizations WHERE kind = 'region_department' ORDER BY id LIMIT 1"

_EMPLOY = """
    INSERT INTO staff (email, name, password_hash, language, languages, skills, active, session_version,
                       sort_key, search)
    SELECT gen_random_uuid() || '@bench.1450', 'Operator ' || n, '', 'ru', '{kk,ru,en}', '{technical,methodological}',
           true, 1, 'operator ' || n, 'operator ' || n
    FROM generate_series(1, %s) n RETURNING id
"""
_ROLE = "INSERT INTO staff_roles (staff_id, role, organization_id) SELECT unnest(%s::bigint[]), 'operator', %s"
_PRESENT = """
    INSERT INTO presence (staff_id, state, reason, since, heartbeat_at, missed, device)
    SELECT unnest(%s::bigint[]), 'ready', '', now() - interval '1 hour', now() + %s::interval, 0, 'browser'
"""


@dataclass(frozen=True)
class Operator:
    """Somebody at work, and what the browser sends to prove it."""

    staff_id: int
    cookie: str
    csrf: str


def at_work(grounds: Grounds, count: int, where: str, alive: str) -> list[Operator]:
    """Employ `count` operators at the organization that the statement `where` names, all ready.

    `alive`: an interval for which their browsers need not say that they are there.
    """
    with psycopg.connect(grounds.conninfo) as connection:
        connection.execute("DELETE FROM presence")
        ids = [row[0] for row in connection.execute(_EMPLOY, (count,))]
        (organization,) = connection.execute(where).fetchone() or (None,)
        connection.execute(_ROLE, (ids, organization))
        connection.execute(_PRESENT, (ids, alive))
    app = create_app(read_settings(grounds.env))
    return [_signed_in(app, id_) for id_ in ids]


def _signed_in(app: Flask, staff_id: int) -> Operator:
    """Three hundred passwords would take longer to check than the figure takes."""
    with app.test_request_context():
        session["_user_id"], session["_fresh"] = f"{staff_id}.1", False
        csrf = generate_csrf()
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return Operator(staff_id, str(signer.dumps(dict(session))), csrf)
