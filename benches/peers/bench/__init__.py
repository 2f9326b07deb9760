"""Measures libsac beside what else programs use to call a JSON API; see docs/performance.md."""
