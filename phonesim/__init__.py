"""A Twilio-compatible phone network in one package: TwiML, REST, signed webhooks, a ledger, virtual or real time."""

from phonesim.calls import Call as CallHandle
from phonesim.client import InProcessHttpClient, RebasedHttpClient
from phonesim.clock import RealClock, VirtualClock
from phonesim.faults import Faults
from phonesim.ledger import Ledger
from phonesim.network import Network
from phonesim.softphones import Softphone
from phonesim.transport import HttpTransport, WsgiTransport
from phonesim.world import Person

__all__ = [
    "CallHandle",
    "Faults",
    "HttpTransport",
    "InProcessHttpClient",
    "Ledger",
    "Network",
    "Person",
    "RealClock",
    "RebasedHttpClient",
    "Softphone",
    "VirtualClock",
    "WsgiTransport",
]
