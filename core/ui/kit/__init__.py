"""What players share: their browser halves, and panels that two pages have."""
