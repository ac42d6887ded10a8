"""Forward chaining over the compiled pack: strata, two evaluators, agreement.

`strata` orders rules, `truth` says what a condition means, `reference` and `durable` each compute a whole
`Outcome`, `agree` holds them to each other. Nothing here reads a record or makes a decision.
"""
