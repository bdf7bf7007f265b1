"""Panels of the page "Stress"."""
