"""JSON Schemas: the only statement of the shape of a document."""
