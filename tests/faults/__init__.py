"""What the world does to a desk: crowds, kills, lost answers, dead lines.

The long forms: ``python -m tests.races`` and ``python -m tests.faults``.
"""
