"""The window "New appointment": main problem, services, location and time, patient, summary."""
