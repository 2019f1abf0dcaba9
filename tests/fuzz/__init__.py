"""What reads files from elsewhere, fuzzed: `python -m tests.fuzz TARGET` (atheris), and a short seeded run in the tests."""
