"""From columns of records to who stays: candidates, the search, clusters, and which copy is kept."""
