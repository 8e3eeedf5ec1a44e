"""THE LMS TALKS TO US, and we to it. Each room is described in its `__init__.py`; `wiring.py` puts them together.

`install` and `launch` are its ways in, `notices` what it tells by itself, `wire`, `roster` and `health` what we ask;
`known` is what came of all that. `protocol` decides what is believed, `refusals` says no, `profiles` says what
differs.
"""
