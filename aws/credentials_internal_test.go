package aws

import (
	"strings"
	"testing"
)

const reportHead = "user,arn,user_creation_time,password_enabled,mfa_active,access_key_1_active,access_key_2_active\n"

func TestReadCredentialReport(t *testing.T) {
	r, err := readCredentialReport([]byte(reportHead +
		"<root_account>,arn:aws:iam::111122223333:root,2020-01-01T00:00:00+00:00,not_supported,true,true,false\n" +
		"ann,arn:aws:iam::111122223333:user/ann,2020-01-01T00:00:00+00:00,true,false,true,true\n" +
		"ci,arn:aws:iam::111122223333:user/ci,2020-01-01T00:00:00+00:00,false,false,false,false\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []credentialUser{{"arn:aws:iam::111122223333:user/ann", true, false, 2}, {"arn:aws:iam::111122223333:user/ci", false, false, 0}}
	if len(r.Users) != 2 || r.Users[0] != want[0] || r.Users[1] != want[1] {
		t.Errorf("%+v, want %+v", r.Users, want)
	}
}

func TestCredentialReportThatCannotBeRead(t *testing.T) {
	for content, want := range map[string]string{
		"":                       "empty",
		"user,arn\nann,x\n":      "no column password_enabled",
		reportHead + "ann,x\n":   "no table",
		reportHead + "\"ann,x\n": "no table",
	} {
		if _, err := readCredentialReport([]byte(content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", content, err, want)
		}
	}
}
