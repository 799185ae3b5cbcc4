"""What an order or a product says to a given person, in their language, before anyone decides how it looks.

Pure: no I/O, no await. A card is decided once and drawn twice: by ``bot/screens`` and by the site's templates.
"""

from core.cards.cash import with_cash as with_cash
from core.cards.day import day_caption as day_caption
from core.cards.day import day_sheet as day_sheet
from core.cards.desk import with_desk as with_desk
from core.cards.history import TOLD as TOLD
from core.cards.history import HistoryLine as HistoryLine
from core.cards.history import history_lines as history_lines
from core.cards.money import CaseCard as CaseCard
from core.cards.money import case_card as case_card
from core.cards.order import Mark as Mark
from core.cards.order import OrderCard as OrderCard
from core.cards.order import ParcelText as ParcelText
from core.cards.order import Step as Step
from core.cards.order import Whereto as Whereto
from core.cards.order import order_card as order_card
from core.cards.order import tracking_url as tracking_url
from core.cards.product import ProductCard as ProductCard
from core.cards.product import VariantText as VariantText
from core.cards.product import product_card as product_card
from core.cards.review import ReviewCard as ReviewCard
from core.cards.review import again_notes as again_notes
from core.cards.review import answered_from as answered_from
from core.cards.review import review_card as review_card
from core.cards.shared import LineText as LineText
from core.cards.shared import NoteText as NoteText
from core.cards.shared import both as both
from core.cards.shared import discounts as discounts
from core.cards.storage import storage_caption as storage_caption
from core.cards.storage import storage_sheet as storage_sheet
from core.cards.suspicion import with_check as with_check
