"""Activation and signing in, with two factors."""

from parentportal.web.sign_in.room import blueprint

__all__ = ["blueprint"]
