"""Made-up patients over time: courses, relapses, gaps and mistakes, for tests and demonstrations."""
