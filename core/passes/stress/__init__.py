"""A photo made worse step by step, and what networks still say of it."""
