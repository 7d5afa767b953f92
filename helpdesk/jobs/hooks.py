"""Jobs of webhooks to other systems. Each takes ids and may run twice."""

import time

from helpdesk.kernel import failpoints, settings
from helpdesk.kernel.db import transaction
from helpdesk.notifications import hook_post, hook_sending

# A job begins no further attempt after this long: what is left is due, and found by the next round.
BUDGET_SECONDS = 10.0


def send_hooks(ids: list[int]) -> None:
    """Send due deliveries of one receiver: claim, commit, send, record. One that cannot be reached is left alone.

    Killed in between, a delivery is sent again under the same id.
    """
    until = time.monotonic() + BUDGET_SECONDS
    for delivery_id in ids:
        if time.monotonic() > until:
            break
        with transaction():
            parcel = hook_sending.claim(delivery_id)
        if parcel is None:
            continue
        outcome = hook_post.post(parcel, settings.current().webhooks_inside)
        failpoints.hit("webhook.left")
        with transaction():
            reachable = hook_sending.settle(delivery_id, outcome)
        if not reachable:
            break
