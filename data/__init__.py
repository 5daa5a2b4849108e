"""What is true: records, tables, reading, checking, the store, reference tables and the sample market."""
