"""The Compare page: networks of all families on one plane of cost and gain."""
