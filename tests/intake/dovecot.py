"""A real IMAP server of somebody else's: Dovecot with a folder and a port of its own."""

import os
import pwd
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from helpdesk.launcher.servers import free_port

PROGRAM = "/usr/sbin/dovecot"
PASSWORD = 'құпия\\сөз"905"'  # what people choose

_CONFIG = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
listen = 127.0.0.1
protocols = imap
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain login
mail_location = maildir:{root}/mail/%u
mail_max_userip_connections = 0
first_valid_uid = 1
first_valid_gid = 1
default_login_user = {login}
default_internal_user = {internal}
default_internal_group = {group}
default_process_limit = 2000
default_client_limit = 8000
maildir_very_dirty_syncs = yes
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/%u
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  # a wrong password would slow down whoever comes from the same address
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap {{
  service_count = 200
  process_limit = 200
}}
"""


class Dovecot:
    """Started by `start`; letters are laid into folders as its own delivery would."""

    def __init__(self, root: Path) -> None:
        self.root, self.port = root, free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._delivered = 0
        me = pwd.getpwuid(os.getuid())
        owner = pwd.getpwnam("mail") if os.getuid() == 0 else me
        self._uid, self._gid = owner.pw_uid, owner.pw_gid
        login, internal = ("dovenull", "dovecot") if os.getuid() == 0 else (me.pw_name, me.pw_name)
        (root / "mail").mkdir(parents=True)
        os.chown(root / "mail", self._uid, self._gid)
        group = "dovecot" if os.getuid() == 0 else str(me.pw_gid)
        values = {
            "login": login,
            "internal": internal,
            "group": group,
            "uid": self._uid,
            "gid": self._gid,
            "password": PASSWORD,
        }
        (root / "dovecot.conf").write_text(_CONFIG.format(root=root, port=self.port, **values))
        for folder in (root, *root.parents):
            if folder.stat().st_uid == os.getuid() and str(folder).startswith("/tmp/"):
                folder.chmod(folder.stat().st_mode | 0o055)

    def start(self) -> None:
        """Listen, and return when somebody is greeted."""
        with (self.root / "out.log").open("ab") as out:
            command = [PROGRAM, "-F", "-c", str(self.root / "dovecot.conf")]
            self._process = subprocess.Popen(command, stdout=out, stderr=out)
        import_until = time.monotonic() + 15
        while not self._greets():
            assert time.monotonic() < import_until, self.log()
            assert self._process.poll() is None, self.log()
            time.sleep(0.05)

    def _greets(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
            line.settimeout(5)
            return line.recv(100).startswith(b"* OK")
        return False

    def stop(self) -> None:
        """By its own id; it ends its children."""
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            if self._process.poll() is None:
                self._process.kill()
            self._process = None

    def log(self) -> str:
        """The end of what it says."""
        return "".join(
            (self.root / name).read_text(errors="replace")[-2000:]
            for name in ("out.log", "dovecot.log")
            if (self.root / name).exists()
        )

    def people(self, *names: str) -> None:
        """These have a mailbox."""
        for name in names:
            for folder in (self._box(name), *(self._box(name) / part for part in ("cur", "new", "tmp"))):
                folder.mkdir(parents=True, exist_ok=True)
                os.chown(folder, self._uid, self._gid)

    def deliver(self, name: str, content: bytes, at: float | None = None, seen: bool = False) -> None:
        """A letter arrives, at this moment of the server's."""
        self._delivered += 1
        moment = at or time.time()
        file = f"{int(moment)}.{self._delivered:08d}.{os.getpid()}"
        target = self._box(name) / ("cur" if seen else "new") / (file + (":2,S" if seen else ""))
        draft = self._box(name) / "tmp" / file
        draft.write_bytes(content)
        os.utime(draft, (moment, moment))
        os.chown(draft, self._uid, self._gid)
        draft.rename(target)

    def fill(self, name: str, content: bytes, count: int, at: float) -> None:
        """So many letters that were read long ago; a file system lets one file have some ten thousand names."""
        for number in range(count):
            target = self._box(name) / "cur" / f"{int(at)}.{number:08d}.old:2,S"
            if number % 30_000 == 0:
                first = target
                first.write_bytes(content)
                os.utime(first, (at, at))
                os.chown(first, self._uid, self._gid)
            else:
                os.link(first, target)

    def number_anew(self, name: str) -> None:
        """What a restored backup does to a mailbox: every letter gets another number."""
        for file in self._box(name).glob("dovecot*"):
            file.unlink()

    def _box(self, name: str) -> Path:
        return self.root / "mail" / name


@pytest.fixture(scope="session")
def dovecot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    """The server; its absence is said, and is a failure with REQUIRE_DOVECOT=1."""
    if not Path(PROGRAM).exists():
        missing = "Dovecot is not installed (dovecot-imapd): no mailbox was read"
        if os.environ.get("REQUIRE_DOVECOT") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    root = Path("/tmp") / f"dovecot-{os.getpid()}-{tmp_path_factory.getbasetemp().name}"
    root.mkdir(mode=0o755)
    server = Dovecot(root)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def slow() -> Iterator[int]:
    """A server that says its words one letter a second; its port."""
    ear = socket.create_server(("127.0.0.1", 0))

    def trickle(line: socket.socket) -> None:
        with suppress(OSError):
            for letter in b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] " + b"slow " * 100:
                line.send(bytes([letter]))
                time.sleep(1)

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=trickle, args=(ear.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield ear.getsockname()[1]
    ear.close()
