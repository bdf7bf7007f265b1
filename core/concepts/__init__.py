"""One room for a page: all that would go if the page went, and nothing else. No room imports another."""
