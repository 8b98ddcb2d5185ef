"""Imports: a file is parsed, received as a preview, and applied when a person has looked."""

from parentportal.services.imports.applying import apply
from parentportal.services.imports.guessing import settle_guesses
from parentportal.services.imports.reporting import Report, Warned
from parentportal.services.imports.staging import Parsed, parse, receive, reopen

__all__ = ["Parsed", "Report", "Warned", "apply", "parse", "receive", "reopen", "settle_guesses"]
