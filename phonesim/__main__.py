"""`python -m phonesim serve …`, `dial …` and `play …`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from phonesim.clock import RealClock
from phonesim.network import Network
from phonesim.scenario import Mistake, read
from phonesim.server import Server
from phonesim.shell import Unreachable, dial, play
from phonesim.transport import HttpTransport

ACCOUNT = "AC" + "0" * 32
PORT = 8451


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="phonesim", description="A Twilio-compatible phone network on this machine.")
    commands = top.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the network in real time, with the phone booth page")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=PORT, help="0 takes a free one")
    serve.add_argument("--app-url", default="http://127.0.0.1:8000", help="the application's address as it knows it")
    serve.add_argument("--connect-to", help="where the application listens, when that is another address")
    serve.add_argument("--account", default=ACCOUNT)
    serve.add_argument("--token", default=os.environ.get("PHONESIM_TOKEN"), help="or PHONESIM_TOKEN")
    serve.add_argument("--number", action="append", default=[], help="a number of the account; may be repeated")
    serve.add_argument("--caller-id", action="append", default=[], help="a number that only makes calls")
    serve.add_argument("--voice-url", default="/twilio/voice/incoming")
    serve.add_argument("--fallback-url")
    serve.add_argument("--status-callback")
    serve.add_argument("--client-voice-url", default="/twilio/voice/operator", help="the softphones' TwiML App")
    serve.add_argument("--ledger", type=Path, help="JSON lines; read at the start, so that a restart forgets nothing")
    serve.add_argument("--speed", type=float, default=1.0, help="simulated seconds in one second")
    serve.add_argument("--cps", type=float, default=1.0, help="outgoing calls per second")
    ring = commands.add_parser("dial", help="dial a number of a running network and tell what happens")
    ring.add_argument("to", nargs="?")
    ring.add_argument("--scenario", type=Path, metavar="FILE", help="play a scenario instead")
    ring.add_argument("--from", dest="from_", default="+77090000001")
    ring.add_argument("--keys", default="", help="one entry per Gather, with commas; an empty entry waits it out")
    ring.add_argument("--stay", type=float, default=120.0, help="seconds to wait, and then to talk, before hanging up")
    scene = commands.add_parser("play", help="play a scenario file on a running network: callers, people, expectations")
    scene.add_argument("scenario", type=Path, metavar="FILE", help=".toml or .json")
    for command in (ring, scene):
        command.add_argument("--server", default=os.environ.get("PHONESIM_URL", f"http://127.0.0.1:{PORT}"))
    return top


def main(argv: Sequence[str] | None = None) -> int:
    given = parser().parse_args(argv)
    if given.command in ("dial", "play"):
        try:
            return on_the_telephone(given)
        except (Unreachable, Mistake) as error:
            print(f"phonesim: {error}", file=sys.stderr)
            return 2
    if not given.token:
        print("phonesim: --token (or PHONESIM_TOKEN) is needed: webhooks are signed with it", file=sys.stderr)
        return 2
    return serve(given)


def on_the_telephone(given: argparse.Namespace) -> int:
    server = given.server.rstrip("/")
    if given.scenario is not None:
        return play(server, read(given.scenario))
    if given.to is None:
        raise Mistake("a number to dial, or --scenario FILE")
    return dial(server, given.to, given.from_, given.keys.split(",") if given.keys else [], given.stay)


def serve(given: argparse.Namespace) -> int:
    transport = HttpTransport(given.app_url, given.connect_to)
    network = Network(
        RealClock(given.speed), given.account, given.token, transport, cps=given.cps, ledger_file=given.ledger
    )
    for number in given.number or ["1450"]:
        network.number(number, given.voice_url, given.fallback_url, status_callback=given.status_callback)
    for number in given.caller_id:
        network.number(number)
    try:
        server = Server(network, given.host, given.port, given.client_voice_url)
    except OSError as error:
        print(f"phonesim: cannot listen on {given.host}:{given.port}: {error.strerror or error}", file=sys.stderr)
        return 1
    done = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: done.set())
    server.start()
    print(f"phonesim: {server.url}  ({', '.join(network.numbers)} -> {given.app_url})", flush=True)
    done.wait()
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
