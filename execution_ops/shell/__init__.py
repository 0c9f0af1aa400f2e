"""The frame around every page: navigation, top bar, palette, keys, messages. Made of components, put around pages."""
