"""Colours and packing: arrays from ``core`` become bytes that a browser can draw."""
