"""A pack over whole clinics: tables in, one row per patient out, from one tree of Ibis expressions."""
