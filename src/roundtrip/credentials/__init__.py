"""How somebody proves who they are, member or owner: passwords, codes by mail, second factors, and how often they may guess."""
