"""What was loaded at the start is not looked at again."""

import gc
import weakref

from helpdesk.kernel.garbage import all_is_loaded


class Knot:
    """Something that holds itself."""

    def __init__(self) -> None:
        self.itself = self


def test_what_is_loaded_stays_and_what_comes_later_is_still_collected() -> None:
    all_is_loaded()
    loaded = gc.get_freeze_count()
    assert loaded > 100_000, "the whole house"
    gone = weakref.ref(Knot())
    assert gone() is not None
    gc.collect()
    assert gone() is None
    assert gc.get_freeze_count() == loaded
