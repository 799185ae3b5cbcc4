"""Pure pictures of what each message shows: no await, no telegram, no database. A card comes in, a Screen goes out.

Every value is escaped by ``t.html``; a text over Telegram's limit is cut here and nowhere else.
"""
