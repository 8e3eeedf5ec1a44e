"""What every page needs: visits (sessions without cookies), guards, limits, headers, problems, languages.

A visit id in a URL is not a secret; a request proves itself by the bound cookie or by the bearer.
"""
