"""What the shop draws: KHQR card, receipt, banners; and the photos it is given.

The one place that shapes Khmer text. Every picture is drawn by a plain function from strings to bytes: no database, no
settings, no translation; the caller brings the words, and runs the heavier ones off the event loop.
"""
