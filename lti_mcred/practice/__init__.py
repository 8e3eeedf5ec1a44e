"""A small practice LMS: the platform side of LTI 1.3, for the demo, the tests and training.

Two campuses, one behaving like Canvas and one like Moodle, speak to the tool over HTTP only.
This room imports nothing from the rest of lti_mcred, so the two sides are independent witnesses.
"""
