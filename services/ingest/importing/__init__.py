"""`holdfast import`: files through a mapping into facts, every line of them accounted for."""
