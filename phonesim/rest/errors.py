"""How the REST interface says no."""

from __future__ import annotations

from flask import Response, jsonify


class RestError(Exception):
    """Twilio's error body with its HTTP status."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> Response:
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        response = jsonify(body)
        response.status_code = self.status
        return response


def not_found(uri: str) -> RestError:
    return RestError(404, 20404, f"The requested resource {uri} was not found")
