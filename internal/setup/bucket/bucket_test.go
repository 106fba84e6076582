package bucket_test

import (
	"testing"

	"griot/internal/blob/s3"
	"griot/internal/setup"
	"griot/internal/setup/bucket"
)

// The bucket that is only named knows the URLs that the driver does.
func TestNamedIsTheDriversBucket(t *testing.T) {
	env := map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s", "GRIOT_BUCKET": "griot-1-eu-west-1",
	}
	for endpoint, url := range map[string]string{
		"":                       "https://griot-1-eu-west-1.s3.eu-west-1.amazonaws.com/uploads/ws_1/upl_1?X-Amz-Signature=1",
		"http://172.17.0.1:4566": "http://172.17.0.1:4566/griot-1-eu-west-1/uploads/ws_1/upl_1?X-Amz-Signature=1",
	} {
		env["AWS_ENDPOINT_URL"] = endpoint
		c, err := setup.Load(func(name string) string { return env[name] })
		if err != nil {
			t.Fatal(err)
		}
		driver, err := s3.New(c.AWS, env["GRIOT_BUCKET"])
		if err != nil {
			t.Fatal(err)
		}
		named := bucket.Named(c)
		for _, u := range []string{url, "https://files.example/a.vtt"} {
			want, wantOK := driver.KeyOf(u)
			if got, ok := named.KeyOf(u); got != want || ok != wantOK {
				t.Errorf("%q: %q %v, the driver says %q %v", u, got, ok, want, wantOK)
			}
		}
		if key, ok := named.KeyOf(url); !ok || key != "uploads/ws_1/upl_1" {
			t.Errorf("%q: %q %v", url, key, ok)
		}
	}
}
