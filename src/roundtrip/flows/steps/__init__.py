"""Steps that several flows share. Each works on any draft that has the fields it names."""
