"""The section Patients: finding, the page of a patient, writing down a new one."""
