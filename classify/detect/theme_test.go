package detect_test

import (
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/classify/detect"
)

// A record of a special category gives its content fields that category although no
// field of it looks personal; catalogues, machines, animals and goods do not.
func TestThemes(t *testing.T) {
	d, err := detect.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ fields, want string }{
		{"prescriptions.drug", "user.health_and_medical"},
		{"form_encounter.reason", "user.health_and_medical"},
		{"vitals.weight", "user.health_and_medical"},
		{"lab_results.analyte", "user.health_and_medical"},
		{"dossier_medical.groupe_sanguin", "user.health_and_medical"},
		{"krankenakte.eintrag", "user.health_and_medical"},
		{"prontuario.evolucao", "user.health_and_medical"},
		{"recepty.opis", "user.health_and_medical"},
		{"expediente_clinico.padecimiento", "user.health_and_medical"},
		{"visite.idratazione paziente_id", "user.health_and_medical"},
		{"afspraken.bevinding arts_id", "user.health_and_medical"},
		{"measurements.value person_id", "user.health_and_medical"},
		{"criminal_records.sentence", "user.criminal_history"},
		{"strafregister.delikt", "user.criminal_history"},
		{"background_checks.outcome", "user.criminal_history"},
		{"biometrics.fingerprint_template", "user.biometric"},
		{"payroll.gross", "user.employment"},
		{"users.hiv_status", "user.health_and_medical"},
		{"contacts.do_not_phone", "user.privacy_preferences"},

		{"tbl_detencion.motivo juzgado codDetenido", "user.criminal_history"},
		{"nopardons.level offense sentence", "user.criminal_history"},
		{"baptisms.date member_id", "user.demographic.religious_belief"},
		{"registered_voters.precinct first_name last_name", "user.demographic.political_opinion"},
		{"union_members.position user_id", "user.demographic.trade_union_membership"},
		{"cycles.flowIntensity menstruation pregnancy user_id", "user.health_and_medical"},
		{"asylum_claims.basis traveler_id", "user.government_id.immigration"},
		{"loan_application.purpose loan_amt cust_id", "user.financial"},
		{"call_details.direction caller_id", "user.behavior"},
		{"meter_readings.reading customer_id", "user.sensor"},
		{"leave_requests.reason employee_id", "user.employment.attendance"},
		{"performance_reviews.strengths employee_id", "user.employment.performance"},
		{"Reservas.fecha_inicio nombre_cliente", "user.location.travel"},
		{"diagnosis.onsetDate note patient", "user.health_and_medical"},
		{"bewerber.zuzug vorname nachname", "user"},
		{"mobile_context.batteryLevel idfa androidIdfa useragent", "user.telemetry"},
		{"Behandlungen.Kosten PatID ArztID", "user.health_and_medical"},

		{"job_applications.notice_period applicant_id", "user.employment"},
		{"disciplinary_actions.description employee_id", "user.employment.disciplinary"},
		{"care_plans.intervention resident_id", "user.health_and_medical"},
		{"therapy_sessions.notes client_id", "user.health_and_medical"},
		{"covid_cases.outcome age sex", "user.health_and_medical"},
		{"patients_trial.chol trestbps age", "user.health_and_medical"},
		{"votes.choice voter_id", "user.demographic.political_opinion"},
		{"Bodyinfo.fat_mass bmi membership_id", "user.health_and_medical"},
		{"call_detail_records.direction called_number", "user.behavior"},
		{"login_attempts.failure_reason username", "user.behavior.login_history"},
		{"user_settings.digest user_id", "user.account.settings"},
		{"policies.premium policyholder_id", "user.financial"},
		{"leases.deposit tenant_id", "user."},
		{"loans.collateral borrower_id interest_rate", "user.financial"},
		{"personal_information.age national_insurance", "user.demographic.age"},
		{"sms_messages.to_number body", "user.contact.phone_number"},
		{"messages.from_id to_id text", "user.unique_id"},
		{"device.screenResolution userAgent", "user.device"},
		{"login.password_hash username", "user.authorization.password"},
		{"users.is_admin email password", "user.authorization"},

		{"churches.phone church_name city", ""},
		{"replication_target.password username url", ""},
		{"schools.phone address", ""},
		{"strikes.state number_of_participants", ""},
		{"emails.email_id", ""},
		{"supplier_contacts.supplier_id name email", ""},
		{"call_logs.args function_name", ""},
		{"warranty_claims.defect amount", ""},
		{"workout_plans.level", ""},
		{"jwt_claims.value issuer", ""},
		{"voting_machines.model precinct", ""},
		{"training_runs.accuracy epochs", ""},
		{"loan_types.rate", ""},
		{"loans.due_date book_id member_id", ""},
		{"bookings.room_no guest_id", ""},
		{"convictionSummary.rate case_id", ""},
		{"horarios_medico.frecuencia consulta", ""},
		{"wizyty.opis id_klienta id_mechanika", ""},
		{"blood_banks.city donors", ""},
		{"parcels.weight recipient_name", ""},
		{"users.ttl email first_name", ""},
		{"users.created_at email first_name", ""},
		{"transactions.from_address gas_price nonce", ""},
		{"postcodes.suburb state lat lon", ""},
		{"sessions.tenant_id user_id", ""},
		{"prescriptions.id drug", ""},
		{"prescriptions.is_active drug", ""},
		{"prescription_types.label", ""},
		{"drugs.strength", ""},
		{"behandelingen.omschrijving prijs", ""},
		{"diagnosis_codes.description", ""},
		{"network_diagnosis.result", ""},
		{"health_checks.result", ""},
		{"web_vitals.lcp", ""},
		{"race_condition.thread", ""},
		{"parcels.weight", ""},
		{"horses.weight", ""},
		{"pets.diagnosis owner_id", ""},
		{"certificates.fingerprint", ""},
		{"sentences.sentence", ""},
		{"salary_grades.min", ""},
		{"visits.page", ""},
		{"fleets.number_of_users", ""},
	} {
		resource, names, _ := strings.Cut(c.fields, ".")
		var rows []detect.Row
		for _, n := range strings.Fields(names) {
			rows = append(rows, detect.Row{Field: detect.Field{Kind: "column", Resource: resource, Name: n}})
		}
		got := d.Rows(rows, .6)[0]
		if c.want == "" && got.Category != "" || c.want != "" && !strings.HasPrefix(got.Category, c.want) {
			t.Errorf("%s: got %q %.2f (%s), want %q", c.fields, got.Category, got.Confidence, got.Reason(), c.want)
		}
	}
}
