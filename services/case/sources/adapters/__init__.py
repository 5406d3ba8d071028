"""How each kind of source is read; nothing here can write to one."""
