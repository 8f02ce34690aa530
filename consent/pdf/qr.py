"""A QR code as the path of an SVG, for pages; the receipt draws its own."""

from reportlab.graphics.barcode.qr import QrCodeWidget

QUIET_ZONE = 4  # modules on each side, as the standard asks


def qr_path(text: str) -> tuple[str, int]:
    """Return the dark modules of a QR code as SVG path data (one unit a module), and the side with its quiet zone."""
    code = QrCodeWidget(text, barLevel="M").qr
    code.make()
    side = code.getModuleCount()
    dark = [(column, row) for row in range(side) for column in range(side) if code.isDark(row, column)]
    moves = (f"M{column + QUIET_ZONE} {row + QUIET_ZONE}h1v1h-1z" for column, row in dark)
    return "".join(moves), side + 2 * QUIET_ZONE
