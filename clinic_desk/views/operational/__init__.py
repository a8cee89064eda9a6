"""The section Operational: what the clinic offers, where, when and by whom."""
