"""One readable file per paper. ``registry`` names every network and builds it; it is the only one without torch."""
