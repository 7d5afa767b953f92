"""Tags: free words of any language that a desk's part of the tree puts on its tickets."""

import re

from helpdesk.kernel.words import plain

LONGEST = 40
# So many stand on one ticket.
MOST = 20

_SIGNS = re.compile(r"[^\w\-/.+]+")


def written(typed: str) -> str:
    """A tag as it is shown: one word, `#` and signs gone, blanks made hyphens; "" when nothing is left."""
    return _SIGNS.sub("", "-".join(typed.replace("#", " ").split())).strip("-./+")[:LONGEST]


def several(typed: str) -> list[str]:
    """Several tags out of one field, parted by commas or semicolons."""
    found = (written(part) for part in re.split(r"[,;]", typed))
    return list(dict.fromkeys(one for one in found if one))


def key(name: str) -> str:
    """What makes two spellings one tag: #Біргеміз, біргеміз and биргемиз."""
    return plain(written(name).lower())
