"""Cohorts: tables, the columnar compiler, runs, impact and backtests."""
