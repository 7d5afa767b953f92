"""How the house says no. Doors turn these into pages, documents or status codes; rooms only raise them."""


class Refused(Exception):
    """The rules do not allow this. `field` names the input to blame, `message` is an English msgid for the person.

    `values` fill the placeholders of the message after it is translated.
    """

    def __init__(self, message: str, field: str | None = None, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.values = values


class NotFound(Exception):
    """There is no such object, or the asker may not know of it: the two are never told apart."""


class Conflict(Exception):
    """Somebody else changed the object first: read it again."""
