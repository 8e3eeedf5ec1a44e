"""The smallest Flask application: one request of it is the unit that a launch is compared with."""

from flask import Flask

app = Flask("bare")


@app.get("/")
@app.get("/readyz")
def hello() -> str:
    """Answer with a short page."""
    return "<!doctype html><title>Hello</title><p>Hello</p>"
