"""News to many: written once in each language, sent to whoever wants news, at most once to each of them."""
