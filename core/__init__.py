"""The shop. Knows no Telegram, serves no page."""
