"""Scenes in Blender: the only package that imports bpy, and it runs in worker processes of its own."""
