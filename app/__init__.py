"""Ways in and out: command line, dashboard, exports; ``app.system`` wires everything."""
