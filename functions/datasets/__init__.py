"""Tables of data: upload, records, schema, snapshots."""
