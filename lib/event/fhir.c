#include "event/fhir.h"

#include <stdlib.h>

/* In byte order. */
static const char *const types[] = { "Account", "ActivityDefinition", "AdverseEvent",
	"AllergyIntolerance", "Appointment", "AppointmentResponse", "AuditEvent", "Basic",
	"Binary", "BiologicallyDerivedProduct", "BodyStructure", "Bundle",
	"CapabilityStatement", "CarePlan", "CareTeam", "CatalogEntry", "ChargeItem",
	"ChargeItemDefinition", "Claim", "ClaimResponse", "ClinicalImpression", "CodeSystem",
	"Communication", "CommunicationRequest", "CompartmentDefinition", "Composition",
	"ConceptMap", "Condition", "Consent", "Contract", "Coverage",
	"CoverageEligibilityRequest", "CoverageEligibilityResponse", "DetectedIssue", "Device",
	"DeviceDefinition", "DeviceMetric", "DeviceRequest", "DeviceUseStatement",
	"DiagnosticReport", "DocumentManifest", "DocumentReference", "EffectEvidenceSynthesis",
	"Encounter", "Endpoint", "EnrollmentRequest", "EnrollmentResponse", "EpisodeOfCare",
	"EventDefinition", "Evidence", "EvidenceVariable", "ExampleScenario",
	"ExplanationOfBenefit", "FamilyMemberHistory", "Flag", "Goal", "GraphDefinition",
	"Group", "GuidanceResponse", "HealthcareService", "ImagingStudy", "Immunization",
	"ImmunizationEvaluation", "ImmunizationRecommendation", "ImplementationGuide",
	"InsurancePlan", "Invoice", "Library", "Linkage", "List", "Location", "Measure",
	"MeasureReport", "Media", "Medication", "MedicationAdministration",
	"MedicationDispense", "MedicationKnowledge", "MedicationRequest", "MedicationStatement",
	"MedicinalProduct", "MedicinalProductAuthorization", "MedicinalProductContraindication",
	"MedicinalProductIndication", "MedicinalProductIngredient",
	"MedicinalProductInteraction", "MedicinalProductManufactured",
	"MedicinalProductPackaged", "MedicinalProductPharmaceutical",
	"MedicinalProductUndesirableEffect", "MessageDefinition", "MessageHeader",
	"MolecularSequence", "NamingSystem", "NutritionOrder", "Observation",
	"ObservationDefinition", "OperationDefinition", "OperationOutcome", "Organization",
	"OrganizationAffiliation", "Parameters", "Patient", "PaymentNotice",
	"PaymentReconciliation", "Person", "PlanDefinition", "Practitioner", "PractitionerRole",
	"Procedure", "Provenance", "Questionnaire", "QuestionnaireResponse", "RelatedPerson",
	"RequestGroup", "ResearchDefinition", "ResearchElementDefinition", "ResearchStudy",
	"ResearchSubject", "RiskAssessment", "RiskEvidenceSynthesis", "Schedule",
	"SearchParameter", "ServiceRequest", "Slot", "Specimen", "SpecimenDefinition",
	"StructureDefinition", "StructureMap", "Subscription", "Substance",
	"SubstanceNucleicAcid", "SubstancePolymer", "SubstanceProtein",
	"SubstanceReferenceInformation", "SubstanceSourceMaterial", "SubstanceSpecification",
	"SupplyDelivery", "SupplyRequest", "Task", "TerminologyCapabilities", "TestReport",
	"TestScript", "ValueSet", "VerificationResult", "VisionPrescription" };

/* The concepts below PurposeOfUse, likewise. */
static const char *const purposes[] = { "BIORCH", "BTG", "CAREMGT", "CLINTRCH", "CLINTRCHNPC",
	"CLINTRCHPC", "CLINTRL", "CLMATTCH", "COC", "COVAUTH", "COVERAGE", "DISASTER", "DONAT",
	"DSRCH", "ELIGDTRM", "ELIGVER", "ENROLLM", "ERTREAT", "ETREAT", "FAMRQT", "FRAUD",
	"GOV", "HACCRED", "HCOMPL", "HDECD", "HDIRECT", "HDM", "HLEGAL", "HMARKT", "HOPERAT",
	"HOUTCOMS", "HPAYMT", "HPRGRP", "HQUALIMP", "HRESCH", "HSYSADMIN", "HTEST", "LABELING",
	"MEMADMIN", "METAMGT", "MILCDM", "MILDCRG", "PATADMIN", "PATRQT", "PATSFTY", "PERFMSR",
	"POARCH", "POPHLTH", "PRECLINTRCH", "PUBHLTH", "PWATRNY", "PurposeOfUse", "RECORDMGT",
	"REMITADV", "SUPNWK", "SYSDEV", "THREAT", "TRAIN", "TRANSRCH", "TREAT" };

static int
compare(const void *key, const void *row)
{
	return slice_cmp(*(const struct slice *)key, slice_of(*(const char *const *)row));
}

bool
fhir_type(struct slice text)
{
	return bsearch(&text, types, sizeof types / sizeof types[0], sizeof types[0],
		   compare) != NULL;
}

bool
fhir_purpose(struct slice text)
{
	return bsearch(&text, purposes, sizeof purposes / sizeof purposes[0],
		   sizeof purposes[0], compare) != NULL;
}

bool
fhir_id(struct slice text)
{
	static const bool legal[256] = { ['-'] = true,
		['.'] = true,
		['0' ... '9'] = true,
		['A' ... 'Z'] = true,
		['a' ... 'z'] = true };

	if (text.len == 0 || text.len > 64)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!legal[(unsigned char)text.p[i]])
			return false;
	return true;
}

bool
fhir_reference(struct slice type, struct slice id, bool *whole)
{
	*whole = id.len > type.len && slice_starts(id, type) && id.p[type.len] == '/';
	if (*whole)
		id = (struct slice){ id.p + type.len + 1, id.len - type.len - 1 };
	return fhir_id(id);
}
