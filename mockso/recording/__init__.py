"""Real traffic written down as scenarios: the proxy between client and server, the file, what is kept out of it.

`proxy.py` passes calls on and judges them, `tape.py` keeps them, `collapse.py` makes steps of them, `write.py`
a file; `pseudonyms.py` and `leaks.py` keep secrets out. `play.py` asks the server where a recording is silent,
`verify.py` asks it whether a recording still holds.
"""
