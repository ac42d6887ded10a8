"""What is wrong with the tables of a cohort. A row that no record could hold has the code of the record: 3xx."""

COHORT_TABLE_CODES: dict[str, str] = {
    "BW700": "no tables at that place",
    "BW701": "file that is no table of a cohort",
    "BW702": "unknown column of a table",
    "BW703": "missing column of a table",
    "BW704": "column of a type that cannot be read",
    "BW705": "row without a patient",
    "BW706": "row of a patient who is not in the table of patients",
    "BW707": "patient with two rows in the table of patients",
    "BW708": "table that cannot be read",
    "BW709": "table that is there twice",
    "BW710": "record without a patient",
    "BW711": "two records of one patient",
    "BW712": "value that no table can hold as it is",
    "BW713": "place that is not empty",
    "BW714": "row with more or fewer values than columns",
    "BW715": "database that cannot be used",
}
