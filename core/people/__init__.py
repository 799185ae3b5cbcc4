"""Who they are, what their role allows, how to reach them, and where their parcels go."""
