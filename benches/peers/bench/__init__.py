"""Compares libsac with other clients for JSON APIs; see docs/performance.md."""
