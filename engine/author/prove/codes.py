"""The codes of properties and proofs."""

PROVE_CODES: dict[str, str] = {
    "BW430": "proofs need z3",
    "BW431": "no property of this name",
    "BW432": "property declared twice",
    "BW433": "property that the prover refuses",
    "BW434": "unknown name in a property",
    "BW435": "pack without properties",
    "BW436": "property that does not say one thing",
}
