from tests.hotline import hotline

__all__ = ["hotline"]
