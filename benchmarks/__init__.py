"""Speed, measured: `make bench`. Nothing here asserts a time, so no test can fail because a machine was busy.

`__main__` reads the options, `measure` decides what is measured in which order, `servers` starts what is measured, `generator` is the
other process that drives it. `docs/reference/benchmarks.md` says what each figure means.
"""
