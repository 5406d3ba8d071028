"""The strongroom: uploaded files on their way to the import job."""
