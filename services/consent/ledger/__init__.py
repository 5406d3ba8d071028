"""The ledger: what survivors decided for each purpose, in lines that are only ever added, and who may write them."""
