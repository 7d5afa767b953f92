"""When Python looks for garbage.

Most of what a process holds was loaded at its start and stays: tables, templates, words. Python's collector would walk
through all of it again and again (a fifth of the processor's time of a telephone story), and what it touches is no
longer shared between forks.
"""

import gc

# Objects made since the last look (Python's own: 700, 10, 10). A request makes some ten thousand, nearly all freed by
# their counts; the few cycles among them wait a little longer.
YOUNG, MIDDLE, OLD = 20_000, 10, 10


def all_is_loaded() -> None:
    """What is in memory now stays there: it is not looked at again. To be said once, before the first fork."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
