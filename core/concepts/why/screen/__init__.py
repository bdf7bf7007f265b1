"""Panels of the page "Why this pixel?"."""
