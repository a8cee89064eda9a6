"""FHIR: appointments, schedules and free slots in the words that hospitals' programs share.

Only reading, and a face of its own: errors are OperationOutcomes, lists are Bundles, and the
CapabilityStatement describes it all instead of OpenAPI.
"""
