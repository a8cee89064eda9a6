"""How fast is it, beside what a user would pick instead and beside what the engine can do?

``python -m tests.benchmarks`` prints one table. Every row was measured in the same run as
what stands beside it, in turns, because only the ratio says something on another machine.
"""
