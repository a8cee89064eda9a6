"""The section Admin: who works here, what each role may do, and one's own account."""
