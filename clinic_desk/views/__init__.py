"""The Qt face: it asks and shows, and never stores."""
