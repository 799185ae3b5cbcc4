"""What can be refused, as the person will hear it.

::

    ShopError                 a sentence in core/i18n under "errors."
    ├── NotFound              it is not there (any more), or not theirs: the two sound alike on purpose
    ├── NotAllowed            their role does not reach so far; written to security.log
    ├── Refused               a rule says no: sold out, too many, too late
    └── OutOfDate             somebody was faster; carries who, and the face redraws what is true now
"""


class ShopError(Exception):
    """Refuse with a sentence: ``key`` names it under ``errors.`` in the translations, ``values`` fill its gaps."""

    def __init__(self, key: str, /, **values: object) -> None:
        super().__init__(key)
        self.key = f"errors.{key}"
        self.values = values


class NotFound(ShopError):
    """It is not there, or not for this person."""

    def __init__(self, key: str = "not_found", /, **values: object) -> None:
        super().__init__(key, **values)


class NotAllowed(ShopError):
    """The person's role does not allow it."""

    def __init__(self, key: str = "not_allowed", /, **values: object) -> None:
        super().__init__(key, **values)


class Refused(ShopError):
    """A rule of the shop says no."""


class OutOfDate(ShopError):
    """Somebody else acted first; nothing was changed."""


class StartRefused(Exception):
    """The shop cannot start; the message is a plain English sentence for the operator's terminal."""
