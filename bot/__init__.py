"""The Telegram face of the shop."""
