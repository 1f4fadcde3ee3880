"""What clinicians review: YAML in, checked, resolved, frozen and versioned by content hash out."""
