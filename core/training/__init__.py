"""How the bundled weights were made: ``python -m core.training NAME``."""
