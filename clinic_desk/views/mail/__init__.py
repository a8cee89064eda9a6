"""Mail in the window: the sender of this desk, its settings, the letters and the outbox."""
