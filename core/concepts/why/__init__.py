"""Why this pixel: which parts of a photo decided what a network says of a place, and whether such a map is true."""
