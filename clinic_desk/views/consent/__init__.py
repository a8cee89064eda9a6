"""Consent between organisations: asking for it, the signed form, the register of consents."""
