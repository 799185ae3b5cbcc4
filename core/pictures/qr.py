"""QR codes as sharp black squares."""

from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode
from qrcode.util import MODE_8BIT_BYTE, QRData

QUIET_ZONE = 4
"""Modules of white that ISO/IEC 18004 wants on every side."""
MASK_PATTERN = 2
"""Fixed: trying all eight takes five times as long, and readers of today do not care (a test reads hundreds)."""


def qr_modules(data: str) -> Image.Image:
    """Encode text (without NUL) at error correction M: one grey pixel (0 or 255) a module, quiet zone included."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE, mask_pattern=MASK_PATTERN)
    code.add_data(QRData(data.encode(), mode=MODE_8BIT_BYTE))
    code.make(fit=True)
    rows = code.get_matrix()
    return Image.frombytes("L", (len(rows), len(rows)), bytes(0 if dark else 255 for row in rows for dark in row))


def enlarge(modules: Image.Image, module: int) -> Image.Image:
    """Scale :func:`qr_modules` up so that each module is ``module`` pixels wide, edges sharp."""
    side = modules.width * module
    return modules.resize((side, side), Image.Resampling.NEAREST)
