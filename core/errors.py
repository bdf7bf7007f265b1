"""The root of SegScope's exceptions, and the marker for translatable sentences.

Every module has one exception type of its own, derived from :class:`SegScopeError`. The sentence is kept as an
English template plus parameters, so that a command line prints it as it is and a page prints it in the reader's
language: ``core`` itself never needs to know which language that is.
"""

from __future__ import annotations


def N_(message: str) -> str:
    """Mark ``message`` for translation and return it unchanged (gettext's customary no-op)."""
    return message


class SegScopeError(Exception):
    """An error that a person caused or can cure; its sentence says what to do.

    Args:
        message: English template with ``{name}`` fields, marked with :func:`N_` where it is written.
        **params: values of the fields.
    """

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message, params)
        self.message = message
        self.params = params

    def __str__(self) -> str:
        return self.message.format(**self.params)
