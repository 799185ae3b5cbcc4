"""Updates received: stored before they are acknowledged, worked once, in order for one person."""
