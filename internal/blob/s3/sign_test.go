package s3_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"griot/internal/blob"
	"griot/internal/blob/s3"
)

func store(t *testing.T, bucket, region, endpoint string) *s3.Store {
	t.Helper()
	config := configuration(t)
	config.Region = region
	if endpoint != "" {
		config.BaseEndpoint = &endpoint
	}
	s, err := s3.New(config, bucket)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPresignPutOnAWS(t *testing.T) {
	s := store(t, "files", "eu-west-1", "")
	p, err := s.PresignPut(t.Context(), "uploads/a b", blob.SignPut{Size: 5, ContentType: "text/vtt", Valid: 90*time.Second - 1})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	if u.Scheme+"://"+u.Host+u.EscapedPath() != "https://files.s3.eu-west-1.amazonaws.com/uploads/a%20b" {
		t.Errorf("URL %s", p.URL)
	}
	if got := u.Query().Get("X-Amz-SignedHeaders"); got != "content-length;content-type;host;if-none-match" {
		t.Errorf("signed are %s", got)
	}
	if got := u.Query().Get("X-Amz-Expires"); got != "90" {
		t.Errorf("expires in %s", got)
	}
	want := map[string]string{"Content-Type": "text/vtt", "If-None-Match": "*"}
	if diff := cmp.Diff(want, p.Headers); diff != "" || p.Method != "PUT" {
		t.Errorf("%s %s", p.Method, diff)
	}
	if u.Query().Has("x-amz-checksum-crc32") {
		t.Error("demands a checksum of the client")
	}
}

func TestKeyOf(t *testing.T) {
	tests := []struct{ region, endpoint, url, key string }{
		{"eu-west-1", "", "https://files.s3.eu-west-1.amazonaws.com/a/b%20c?X-Amz-Signature=x", "a/b c"},
		{"eu-west-1", "", "https://files.s3.amazonaws.com/a", "a"},
		{"eu-west-1", "", "https://FILES.S3.eu-west-1.amazonaws.com:443/A", "A"},
		{"eu-west-1", "", "https://files.s3-eu-west-1.amazonaws.com/a", "a"},
		{"eu-west-1", "", "https://files.s3.dualstack.eu-west-1.amazonaws.com/a", "a"},
		{"eu-west-1", "", "https://files.s3-accelerate.amazonaws.com/a", "a"},
		{"us-east-1", "", "https://files.s3-fips.us-east-1.amazonaws.com/a", "a"},
		{"eu-west-1", "", "https://s3.eu-west-1.amazonaws.com/files/a/b", "a/b"},
		{"eu-west-1", "", "https://s3.amazonaws.com/files/a", "a"},
		{"cn-north-1", "", "https://files.s3.cn-north-1.amazonaws.com.cn/a", "a"},
		{"eu-west-1", "http://127.0.0.1:4566", "http://127.0.0.1:4566/files/a", "a"},
		{"eu-west-1", "https://s3.example/base/", "https://s3.example/base/files/a", "a"},

		{"eu-west-1", "", "http://files.s3.eu-west-1.amazonaws.com/a", ""},
		{"eu-west-1", "", "https://files.s3.eu-central-1.amazonaws.com/a", ""},
		{"eu-west-1", "", "https://other.s3.eu-west-1.amazonaws.com/a", ""},
		{"eu-west-1", "", "https://x.files.s3.eu-west-1.amazonaws.com/a", ""},
		{"eu-west-1", "", "https://s3.eu-west-1.amazonaws.com/other/a", ""},
		{"eu-west-1", "", "https://s3.eu-west-1.amazonaws.com/files", ""},
		{"eu-west-1", "", "https://files.s3.eu-west-1.amazonaws.com/", ""},
		{"eu-west-1", "", "https://files.s3.eu-west-1.amazonaws.com/a/../b", ""},
		{"eu-west-1", "", "https://files.s3.eu-west-1.amazonaws.com.evil.example/a", ""},
		{"eu-west-1", "", "https://files.s3.eu-west-1.amazonaws.com:8443/a", ""},
		{"eu-west-1", "", "https://u@files.s3.eu-west-1.amazonaws.com/a", ""},
		{"eu-west-1", "http://127.0.0.1:4566", "https://files.s3.eu-west-1.amazonaws.com/a", ""},
		{"eu-west-1", "http://127.0.0.1:4566", "https://127.0.0.1:4566/files/a", ""},
		{"eu-west-1", "http://127.0.0.1:4566", "http://127.0.0.1:4566/filesa/a", ""},
	}
	for _, test := range tests {
		key, ok := store(t, "files", test.region, test.endpoint).KeyOf(test.url)
		if key = map[bool]string{true: key}[ok]; key != test.key {
			t.Errorf("KeyOf(%s) at %q = %q, want %q", test.url, test.endpoint, key, test.key)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	config := configuration(t)
	config.BaseEndpoint = aws.String("127.0.0.1:4566")
	if _, err := s3.New(config, "files"); err == nil {
		t.Error("took an address without a scheme")
	}
}
