"""The page of a programme: one HTML file that asks nothing of the network. Needs `govern[html]`."""
