"""What is wrong with the tables of a cohort. A row that no record could hold has the code of the record: 3xx."""

COHORT_TABLE_CODES: dict[str, str] = {
    "BW600": "no tables at that place",
    "BW601": "file that is no table of a cohort",
    "BW602": "unknown column of a table",
    "BW603": "missing column of a table",
    "BW604": "column of a type that cannot be read",
    "BW605": "row without a patient",
    "BW606": "row of a patient who is not in the table of patients",
    "BW607": "patient with two rows in the table of patients",
    "BW608": "table that cannot be read",
    "BW609": "table that is there twice",
    "BW610": "record without a patient",
    "BW611": "two records of one patient",
    "BW612": "value that no table can hold as it is",
    "BW613": "place that is not empty",
    "BW614": "row with more or fewer values than columns",
    "BW615": "database that cannot be used",
}
