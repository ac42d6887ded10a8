"""From the outside world to a checked record."""
