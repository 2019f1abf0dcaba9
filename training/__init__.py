"""Keypoint detectors: models, data, train loop, evaluation and prediction. Never imports bpy."""
