"""Made-up patients for any pack: a realistic record towards wanted measures, and a record written as a case."""

from boosterwatch.engine.author.patients.find import patient_for
from boosterwatch.engine.author.patients.written import case_text

__all__ = ["case_text", "patient_for"]
