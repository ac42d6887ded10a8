"""The agreement campaign: both evaluators by rows, and columns on DuckDB and on Spark, about the same messy patients."""
