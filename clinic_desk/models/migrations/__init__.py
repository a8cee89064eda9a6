"""The steps from one version of the schema to the next, each frozen as it was released."""
