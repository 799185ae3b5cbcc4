"""Parse, call one service, pick a screen: at most 15 lines each. ``bot/routes.py`` says which answers what."""
