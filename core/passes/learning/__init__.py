"""Small networks that learn while somebody watches: made pictures, losses, a run in turns, and a head from strokes."""
