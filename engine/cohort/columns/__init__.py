"""The columnar compiler: record checks, measures, rules and tables of a compiled pack as Ibis expressions."""
