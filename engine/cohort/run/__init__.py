"""A cohort evaluated from files to files: in chunks, to be taken up again, on DuckDB or Spark."""
