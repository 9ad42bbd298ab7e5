"""How browsers introduce themselves to a class."""

PHRASE = "brown-tree-seven"
HTML = {"accept": "text/html"}
OWNER = {"cookie": "branchwise_owner_1=secret"}
