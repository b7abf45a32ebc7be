"""How one plan goes on from an earlier one: pairs of tasks and targets, and what differs.

`compared` is what is read of a plan, `similarity` the numbers, `pairing` the pairs of tasks,
`figures` those of targets, `document` all of it as JSON, and `storing` what is stored.
See docs/decisions/0017-years-are-compared-by-their-words.md.
"""
