"""What reads files from elsewhere, fuzzed: `python -m tests.fuzz TARGET` (atheris), and a short run in the tests."""
