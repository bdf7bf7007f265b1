"""The overview: what the chapter is about."""
