"""Fonts and colours of the PDFs that the site writes."""

from pathlib import Path

import reportlab
from reportlab.lib import colors
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

TEXT, BOLD = "Rete", "Rete-Bold"
INK, QUIET, LINE = colors.HexColor("#1b1b1b"), colors.HexColor("#545454"), colors.HexColor("#bdbdbd")
ACCENT = colors.HexColor("#0b5a5e")


def register_fonts() -> None:
    """Register TEXT and BOLD: Bitstream Vera, which comes with reportlab, has every Turkish letter."""
    folder = Path(reportlab.__file__).parent / "fonts"
    for name, file in ((TEXT, "Vera.ttf"), (BOLD, "VeraBd.ttf")):
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))
