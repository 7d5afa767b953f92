"""The connection to PostgreSQL."""

from typing import Any

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Engine, event

# Statements that a connection keeps planned. There are more of ours than psycopg's hundred.
KEPT_STATEMENTS = 250

_OPEN = (TransactionStatus.INTRANS, TransactionStatus.INERROR)


class Connection(psycopg.Connection[Any]):
    """A connection that remembers its prepared statements after ROLLBACK.

    psycopg forgets them there, in case the transaction had made or dropped tables. No transaction of ours does, and
    every page that only reads ends with ROLLBACK: each of its statements would be planned anew.
    """

    def rollback(self) -> None:
        """Undo the open transaction, if there is one."""
        with self.lock:
            if self.pgconn.transaction_status in _OPEN:
                done = self.pgconn.exec_(b"ROLLBACK")
                if done.status == ExecStatus.COMMAND_OK:
                    return
        super().rollback()


def connect_with(engine: Engine) -> None:
    """Let `engine` make connections of this kind."""

    def connect(_dialect: Any, _record: Any, arguments: Any, named: Any) -> Connection:
        made = Connection.connect(*arguments, **named)
        made.prepared_max = KEPT_STATEMENTS
        return made

    event.listen(engine, "do_connect", connect)
