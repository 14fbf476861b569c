"""An answer or a check in other forms: one serialisation for all."""
