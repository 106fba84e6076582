package transcriber

import "testing"

func TestNamesOfJobs(t *testing.T) {
	for _, j := range []Job{{Session: "ses_1", Attempt: 1}, {Session: "a-b", Attempt: 120}} {
		if got, ok := ParseName(j.Name()); got != j || !ok {
			t.Errorf("%s is %+v, %v", j.Name(), got, ok)
		}
	}
	for _, name := range []string{"", "griot", "griot-", "griot--3", "griot-ses_1", "griot-ses_1-", "griot-ses_1-0", "griot-ses_1-01", "griot-ses_1-+1", "ses_1-1", "griot-ses_1-99999999999999999999"} {
		if j, ok := ParseName(name); ok {
			t.Errorf("%q is %+v", name, j)
		}
	}
}
