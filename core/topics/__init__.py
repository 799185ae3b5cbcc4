"""Where in a group the shop writes what: four topics, in a group that has topics."""
