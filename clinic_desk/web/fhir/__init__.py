"""FHIR: appointments, schedules and free slots in the words that hospitals' programs share.

Only reading, and a face of its own: errors are OperationOutcomes, lists are Bundles, and a
CapabilityStatement describes it all, beside OpenAPI.
"""
