"""The door: login, launch, and what a launch leaves behind."""
