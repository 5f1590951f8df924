"""Who is calling over the network: a body's key, its requests counted, none taken twice."""
