"""docs/quality.md says of every figure what the page says of it."""

import pytest

from helpdesk.kernel.settings import ROOT
from helpdesk.reports.telephony_figures import FIGURES

PAPER = (ROOT / "docs" / "quality.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", [code for code in FIGURES if not code.startswith("other_")])
def test_the_paper_has_every_figure_with_the_formula_of_the_page(code: str) -> None:
    figure = FIGURES[code]
    formula = figure.formula.replace("|", "&#124;")
    assert f"| {figure.name} | {formula} |" in PAPER
