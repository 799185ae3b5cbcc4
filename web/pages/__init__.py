"""The pages: small handlers, one file for each part of the site."""
