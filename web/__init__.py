"""The aiohttp face of the shop: catalog, tracking, live pages."""
