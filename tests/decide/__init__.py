"""The decision layer on made-up packs."""
