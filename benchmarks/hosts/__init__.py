"""What an application is put on to be measured in this process, or beside it: no network, no server."""
