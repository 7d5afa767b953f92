"""Who answers at a desk, and who only looks at it from outside or above."""

from helpdesk.identity.queries import Asker
from helpdesk.identity.rules import Role


def answers_at(asker: Asker, path: str) -> bool:
    """Whether the asker works at the desk of the organization at `path`: an operator there or above, or any role at
    this very organization. Everybody else reads IIN and card numbers covered."""
    return asker.holds(Role.OPERATOR, path) or any(path in asker.paths.get(role.value, ()) for role in Role)
