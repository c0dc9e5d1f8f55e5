"""Errors that a user can do something about."""


class RunError(Exception):
    """Something is wrong with the run, and the message says what to do."""
