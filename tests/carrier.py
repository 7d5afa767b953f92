"""The house's carrier on a simulated network, in one process: requests, and the sound of recordings."""

from werkzeug.test import Client

from helpdesk.kernel.settings import Settings
from helpdesk.telephony.gateway import Carrier
from phonesim import InProcessHttpClient, Network


def carrier_of(network: Network, known: Settings) -> Carrier:
    """Speaks with the network's REST interface without a wire."""
    client = Client(network.rest_app)

    def fetch(path: str) -> bytes:
        answer = client.get(path, auth=(known.twilio_account_sid, known.twilio_auth_token))
        if answer.status_code != 200:
            raise OSError(f"{answer.status_code} for {path}")
        return answer.get_data()

    return Carrier(known, http_client=InProcessHttpClient(network.rest_app), fetch=fetch)
