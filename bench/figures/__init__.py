"""One file a figure: who visits (`visitor`), what one turn is (`turn`), and what it aims at."""
