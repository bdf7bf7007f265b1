"""Looking at a network that nobody here wrote: what is in it, what it gives, and what is odd about it."""
