"""Find the images whose keypoints match: OKS similarity, an index on disk, search and its scores. Never imports bpy."""
