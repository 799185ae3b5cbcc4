"""Who wants to hear when something sold out is back: told once, in the order they asked.

The list and the stock are the debt: whoever stands on the list for something that can be bought is owed a note. So
nothing is written where stock comes back, by whatever way that is, however many wait; a job pays a few a second.
"""
