"""The tables of a cohort: their shape, how they are read and checked, and records to tables and back."""
