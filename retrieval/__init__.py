"""Index of predicted keypoints and search by Object Keypoint Similarity. Never imports bpy."""
