"""The web face: other programs book here, on the same services as the window."""
