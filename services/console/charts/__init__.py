"""Charts, drawn here as SVG: plain shapes with classes, so that they need no script and no inline style."""
