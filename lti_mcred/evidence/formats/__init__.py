"""WHAT A FILE IS, by its bytes alone: one module for each container, none of which believes a name or a magic number.

`look.look` asks them in turn. All are pure but for reading the file through `Source`, which bounds the work that a
file's content can ask for.
"""
