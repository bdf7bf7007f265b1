"""A picture in, numbers out, through :mod:`core.engine`."""
