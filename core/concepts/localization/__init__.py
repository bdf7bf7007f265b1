"""Context against localisation: windows, heat, boxes."""
