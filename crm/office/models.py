"""The office keeps no tables of its own. Django tells an app of migrations only where this module exists."""
