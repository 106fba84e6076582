package extractor_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"griot/internal/setup"
	"griot/internal/setup/extractor"
)

// answers gives one answer after another, and keeps the requests.
type answers struct {
	statuses []int
	asked    []*http.Request
}

func (a *answers) Do(r *http.Request) (*http.Response, error) {
	status := a.statuses[min(len(a.asked), len(a.statuses)-1)]
	a.asked = append(a.asked, r)
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

func configure(t *testing.T, a *answers, pairs ...string) setup.Config {
	t.Helper()
	env := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"}
	for i := 0; i < len(pairs); i += 2 {
		env[pairs[i]] = pairs[i+1]
	}
	c, err := setup.Load(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	c.AWS.HTTPClient = a
	return c
}

func TestConverse(t *testing.T) {
	a := &answers{statuses: []int{200}}
	if _, err := extractor.Converse(configure(t, a), "a.b-v1:0")(t.Context(), []byte("{}")); err != nil {
		t.Fatal(err)
	}
	r := a.asked[0]
	if got := r.URL.String(); got != "https://bedrock-runtime.eu-west-1.amazonaws.com/model/a.b-v1:0/converse" {
		t.Error(got)
	}
	if auth := r.Header.Get("Authorization"); !strings.Contains(auth, "/eu-west-1/bedrock/aws4_request") {
		t.Errorf("signed as %q", auth)
	}
}

func TestConverseTriesAgain(t *testing.T) {
	tests := map[string]struct {
		statuses []int
		asked    int
		fails    bool
	}{
		"throttled once": {[]int{429, 200}, 2, false},
		"down":           {[]int{503}, 4, true},
		"refused":        {[]int{400, 200}, 1, true},
		"not permitted":  {[]int{403, 200}, 1, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &answers{statuses: test.statuses}
				_, err := extractor.Converse(configure(t, a), "m")(t.Context(), []byte("{}"))
				if (err != nil) != test.fails || len(a.asked) != test.asked {
					t.Errorf("asked %d times: %v", len(a.asked), err)
				}
			})
		})
	}
}

func TestExtractorIsChosenByTheEnvironment(t *testing.T) {
	if by := extractor.Chosen(configure(t, nil)); by.Name != "rules" {
		t.Error(by.Name)
	}
	if by := extractor.Chosen(configure(t, nil, "GRIOT_BEDROCK_MODEL", "m")); by.Name != "bedrock" || by.Version != "m" {
		t.Error(by.Name, by.Version)
	}
}
