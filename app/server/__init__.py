"""What stands between the network and the pages: refused origins, headers of every answer."""
