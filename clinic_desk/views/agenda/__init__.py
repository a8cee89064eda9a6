"""The calendar: one painted widget, its geometry, its gestures and its accessible children."""
