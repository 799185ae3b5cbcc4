"""Who works here: roles given and taken, invitations, and what everybody did."""
