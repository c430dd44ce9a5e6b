"""Official files from data: templates filled, tables, forms, reports, and whole batches."""
