def test_probe(visit):
    at = visit("budget", study="Five tasks", budget="40", unit="MACs")
    for el in at.main.children.values() if hasattr(at.main,'children') else at.main:
        pass
    def walk(b, d=0):
        for c in b.children.values():
            if type(c).__name__=="UnknownElement":
                print(d, type(c.proto), c.proto.DESCRIPTOR.full_name, [f[0].name for f in c.proto.ListFields()], str(c.proto)[:300])
            if hasattr(c,'children'): walk(c,d+1)
    walk(at.main)
    print([ (b.key,b.label,b.disabled) for b in at.button], at.get("download_button"), [d.proto.label for d in at.get("download_button")])
    print(at.dataframe[0].value.columns)
