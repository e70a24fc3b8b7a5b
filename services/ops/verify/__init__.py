"""The proof: everything stored is folded anew from zero and compared, byte by byte."""
