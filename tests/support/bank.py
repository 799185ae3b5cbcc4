"""What tests of the sandbox's bank share: QRs that the official SDK made, and a clock moved by hand."""

from dataclasses import dataclass

from bot.sandbox.bank import read_qr

TOKEN = "made-up-token-0001"
EXPIRES = 4_070_908_800.0
# Known-good strings of the official SDK.
STATIC_QR = "00020101021129150011seller@devb5204599953038405802KH5910Tonle Shop6010Phnom Penh6304AA70"
USD_QR = (
    "00020101021229150011seller@devb520459995303840540512.505802KH5910Tonle Shop6010Phnom Penh"
    "62290108ORD-10010305Tonle0704TG-1993400131735689600000011340709088000006304DACA"
)
KHR_QR = (
    "00020101021229150011seller@devb5204599953031165405500005802KH5910Tonle Shop6010Phnom Penh"
    "62120108ORD-100264290002km0108ហាងទន្លេ0207ភ្នំពេញ9934001317356896000000113407090880000063048D79"
)
MD5 = read_qr(USD_QR).md5


@dataclass(slots=True)
class Clock:
    """The bank's clock, moved by hand."""

    now: float = EXPIRES - 300

    def __call__(self) -> float:
        """Tell epoch seconds."""
        return self.now
