"""Facts of the market kept as data: companies, accelerators, sites; each line carries its examples."""
