"""Code of a study's author: named ``MODULE:FUNCTION``, known by its content, run only where the owner says so."""
