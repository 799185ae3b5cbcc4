"""Pictures on their way to Telegram: drawn or read once, uploaded once, then known by their file id."""

import asyncio
import logging
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path

from PIL import Image
from telegram import Message

from bot.screen import (
    Banner,
    DayPicture,
    KhqrPicture,
    PaperPicture,
    Picture,
    ProductPhoto,
    ReceiptPicture,
    SentPhoto,
    StoragePicture,
)
from core.files import write_atomically
from core.messages import store
from core.pictures.banner import banner
from core.pictures.day import day_picture
from core.pictures.files import PictureRefused, jpeg
from core.pictures.khqr_card import khqr_card
from core.pictures.label import Label, label
from core.pictures.paper import pdf, png
from core.pictures.receipt import receipt
from core.pictures.slip import Slip, slip
from core.pictures.storage import storage_picture
from core.shop import Shop
from core.storage import service as storage

log = logging.getLogger(__name__)

WIDTH = 1080
REMEMBERED = 2_000
_banner = lru_cache(16)(banner)
"""The last ones, some 80 KB each: a banner stands in for a missing photo each time its product is shown."""


class Pictures:
    """``ready`` gives what to send for a picture; ``learn`` keeps what Telegram called it."""

    def __init__(self, shop: Shop, bot_id: int) -> None:
        self._shop, self._bot_id = shop, bot_id
        self._kept: dict[str, str] = {}
        self._passing: OrderedDict[str, str] = OrderedDict()
        self._poor: set[str] = set()
        self._drawing: dict[str, asyncio.Task[bytes]] = {}

    async def load(self) -> None:
        """Read which pictures Telegram has already."""
        self._kept = await self._shop.db.read(store.uploaded, self._bot_id)

    async def ready(self, picture: Picture) -> str | bytes:
        """Give the file id of a picture, or its bytes where Telegram does not have it yet; many at once draw it once.

        A product's photo that is missing or damaged costs nobody the product: a plain banner stands in.
        """
        if isinstance(picture, SentPhoto):
            return picture.file_id
        known = self._kept.get(picture.key) or self._passing.get(picture.key)
        if known:
            return known
        drawing = self._drawing.get(picture.key)
        if drawing is None:
            drawing = self._drawing[picture.key] = asyncio.create_task(self._draw(picture))
            drawing.add_done_callback(lambda _task: self._drawing.pop(picture.key, None))
        return await asyncio.shield(drawing)

    def known(self, picture: Picture) -> str | None:
        """Give the file id of a picture that Telegram has already."""
        return self._kept.get(picture.key)

    async def learn(self, picture: Picture, message: Message) -> None:
        """Remember the file id: for good where the picture comes again, for a while where it is one order's.

        What stood in for a photo is not remembered, so that the photo is seen once it is there.
        """
        sent = message.document or (message.photo[-1] if message.photo else None)
        if sent is None or picture.key in self._kept or picture.key in self._poor or isinstance(picture, SentPhoto):
            return
        file_id = sent.file_id
        batch = isinstance(picture, PaperPicture) and not picture.name
        if batch or isinstance(picture, KhqrPicture | ReceiptPicture | DayPicture | StoragePicture):
            self._passing[picture.key] = file_id
            if len(self._passing) > REMEMBERED:
                self._passing.popitem(last=False)
        else:
            self._kept[picture.key] = file_id
            await self._shop.db.write(store.save_upload, self._bot_id, picture.key, file_id, self._shop.clock.now())

    def forget(self, picture: Picture) -> None:
        """Upload a picture again: Telegram does not know its file id any more."""
        self._kept.pop(picture.key, None)
        self._passing.pop(picture.key, None)

    async def _draw(self, picture: Picture) -> bytes:
        if isinstance(picture, SentPhoto):  # pragma: no cover - never drawn: Telegram has it
            raise TypeError
        media = self._shop.config.media_dir
        if isinstance(picture, KhqrPicture):
            return await self._draw_qr(picture, media / "qr_codes" / f"qr_{picture.number}.png")
        if not isinstance(picture, ProductPhoto):
            return await asyncio.to_thread(drawn, picture)
        try:
            photo = await asyncio.to_thread(_photo, media / picture.path)
        except (OSError, PictureRefused) as error:
            log.warning("photo %s cannot be shown: %s", picture.path, type(error).__name__)
            self._poor.add(picture.key)
            return await asyncio.to_thread(_banner, Path(picture.path).stem.replace("-", " ").title())
        self._poor.discard(picture.key)
        return photo

    async def _draw_qr(self, picture: KhqrPicture, file: Path) -> bytes:
        """Draw a QR, and keep it for support."""
        data = await asyncio.to_thread(drawn, picture)
        if await asyncio.to_thread(_keep, file, data):
            await storage.written(self._shop, file, len(data))
        return data


def drawn(picture: Banner | KhqrPicture | ReceiptPicture | DayPicture | StoragePicture | PaperPicture) -> bytes:
    """Draw a picture."""
    match picture:
        case Banner(title, subtitle):
            return _banner(title, subtitle)
        case KhqrPicture():
            return khqr_card(picture.payload, picture.name, picture.amount, picture.second)
        case ReceiptPicture():
            return receipt(picture.receipt)
        case PaperPicture(papers):
            return pdf(page(one) for one in papers) if picture.pdf else png(page(papers[0]))
        case DayPicture():
            return day_picture(picture.sheet)
        case StoragePicture():
            return storage_picture(picture.sheet)


def page(of: Label | Slip) -> Image.Image:
    """Draw what is printed on one page."""
    return label(of) if isinstance(of, Label) else slip(of)


def _keep(file: Path, data: bytes) -> bool:
    """Keep a QR's picture; where that fails (a full disk) the customer pays all the same."""
    try:
        write_atomically(file, data)
    except OSError as error:
        log.warning("QR picture not kept: %s", type(error).__name__)
        return False
    return True


def _photo(file: Path) -> bytes:
    """Read a product's photo; ``OSError`` or :class:`PictureRefused` where it is missing or damaged."""
    return jpeg(file.read_bytes(), WIDTH)
