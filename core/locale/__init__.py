"""Catalogues of translated texts; English is the text in the source. ``make messages`` brings them up to date."""
