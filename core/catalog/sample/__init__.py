"""The sample shop: what a new sandbox sells. `load()` reads it, `photo(slug)` is a product's picture."""

from core.catalog.sample.data import SampleCategory, SampleProduct, SampleShop, SampleVariant, load, photo

__all__ = ["SampleCategory", "SampleProduct", "SampleShop", "SampleVariant", "load", "photo"]
