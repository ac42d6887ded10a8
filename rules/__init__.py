"""The rule packs, as data: `rules/<pack>/<version>/`."""
