"""Plain facts about text that several rooms need, one definition of each."""
