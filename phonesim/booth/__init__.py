"""The phone booth: a handset in the browser, the far ends' telephones, and everything that is said on the wire."""

from phonesim.booth.app import booth_app

__all__ = ["booth_app"]
