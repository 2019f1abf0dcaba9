"""Specs, plans, projection, labels and COCO files. Plain numpy: never imports bpy or torch."""
