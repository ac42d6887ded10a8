"""What the commands do: read files, call the engine, print. Nothing here decides anything."""

DEFAULT_PACK = "ketamine-maintenance"
