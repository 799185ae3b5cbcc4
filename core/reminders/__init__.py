"""One reminder of a basket that was left: at most one for each, none at night, none for who wants none."""
