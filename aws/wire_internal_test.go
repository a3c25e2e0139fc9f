package aws

import "testing"

// TestDatesInSeconds: a date in words becomes a number, and nothing else changes.
func TestDatesInSeconds(t *testing.T) {
	field := textDates["ListFunctionEventInvokeConfigs"]
	for in, want := range map[string]string{
		`{"LastModified": "2026-11-26T03:19:19.993268000Z", "FunctionArn": "f"}`: `{"LastModified": 1795663159.993, "FunctionArn": "f"}`,
		`{"LastModified":"1970-01-01T00:00:01Z"},{"LastModified":2.5}`:           `{"LastModified":1.000},{"LastModified":2.5}`,
		`{"LastModified": "yesterday"}`:                                          `{"LastModified": "yesterday"}`,
		`{"Created": "2026-11-26T03:19:19Z"}`:                                    `{"Created": "2026-11-26T03:19:19Z"}`,
	} {
		if got := string(secondsFor(field, []byte(in))); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// TestConditionsInPlace: parameters beside the condition element join it; what has none
// stays as it is.
func TestConditionsInPlace(t *testing.T) {
	for in, want := range map[string]string{
		`{"Statement": [{"Effect":"Allow"}]}`:            `{"Statement": [{"Effect":"Allow"}]}`,
		`nonsense`:                                       `nonsense`,
		`{"Statement":[{"FunctionUrlAuthType":"NONE"}]}`: `{"Statement":[{"Condition":{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}}]}`,
		`{"Statement":[{"InvokedViaFunctionUrl":true,"Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}`:               `{"Statement":[{"Condition":{"Bool":{"aws:SecureTransport":"true","lambda:InvokedViaFunctionUrl":"true"}}}]}`,
		`{"Statement":[{"FunctionUrlAuthType":"AWS_IAM","Condition":{"StringEquals":{"aws:SourceAccount":"1"}}},{"a":1}]}`: `{"Statement":[{"Condition":{"StringEquals":{"aws:SourceAccount":"1","lambda:FunctionUrlAuthType":"AWS_IAM"}}},{"a":1}]}`,
	} {
		if got := conditionsInPlace(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
