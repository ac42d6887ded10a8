"""What a pack promises of every patient: read from `properties.yaml`, proved, or broken by a confirmed patient."""
