"""The door: what stands between the network and the pages. It knows sessions and headers, and no project."""
