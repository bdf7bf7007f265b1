"""The page about training: a small network that learns while one watches, and a head that learns from strokes."""
