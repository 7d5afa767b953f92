"""What a long proof has to say besides that it held."""

import os
from collections.abc import Iterable
from pathlib import Path


def show(title: str, lines: Iterable[str]) -> None:
    """Print the figures; in a proof they are kept too, in the file that PROOF_FIGURES names, for its end."""
    text = "\n".join([f"{title}:", *(f"  {line}" for line in lines)])
    print(f"\n{text}", flush=True)
    if "PROOF_FIGURES" in os.environ:
        with Path(os.environ["PROOF_FIGURES"]).open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")
