"""To try it: the demo, the story that plays the main job, and the small browser that both use."""
