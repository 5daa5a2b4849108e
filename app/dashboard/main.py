"""What Streamlit runs at every click: it compiles this file anew for each session, so it holds nothing else."""

from app.dashboard.frame import draw

draw()
