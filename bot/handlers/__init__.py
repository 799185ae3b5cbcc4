"""Parse, call one service, pick a screen: at most 15 lines each. ``bot/routes`` says which answers what."""
