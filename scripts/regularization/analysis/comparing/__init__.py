"""Two results folders, of two machines, two versions or two ways to run a study: what differs, and by how much."""
