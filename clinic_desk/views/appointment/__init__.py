"""What stands on a visit beside its own fields: tabs of the appointment's editor."""
