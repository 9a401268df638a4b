-- KEYS: any, which only says which server is asked. Returns its time: seconds, and microseconds beside them.
return redis.call('TIME')
