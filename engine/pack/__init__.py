"""From text to a compiled pack: load, validate, compile, resolve layers."""
