"""One project, one record (查重): which two records may be the same or a similar project, and the passages that say so.

Read in this order: :mod:`.records` (what is compared), :mod:`.blocking` (which pairs are worth a look, sub-quadratic by
construction), :mod:`.passages` (which sentences tell the same), :mod:`.comparing` (a pair in numbers), :mod:`.scoring`
(numbers to a probability), :mod:`.finding` (all of it). A pair found is a question to a person, never an accusation.
"""
